import { describe, expect, test } from '@jest/globals';
import { trusts } from '../../packages/local-aws/src/iam/trust.ts';
import { names, policyText, statements, type Role } from './policies.ts';

const issuer = 'token.actions.githubusercontent.com';
const ids = { OWNER_ID: '1', REPOSITORY_ID: '2' };
const workflow = (name: string, ref = 'refs/tags/v1') =>
  `tidegate/tidegate/.github/workflows/${name}.yml@${ref}`;

type Claims = { sub: string; job_workflow_ref: string; aud?: string };

function isTrusted(role: Role, { aud = 'sts.amazonaws.com', ...claims }: Claims): boolean {
  const context = new Map(
    Object.entries({ aud, ...claims }).map(([claim, value]) => [`${issuer}:${claim}`, [value]]),
  );
  const provider = `arn:aws:iam::${names.ACCOUNT}:oidc-provider/${issuer}`;
  const record = { trustPolicy: policyText(role, 'trust', ids) } as Parameters<typeof trusts>[0];
  const principal = { type: 'Federated', id: provider, account: names.ACCOUNT } as const;
  return trusts(record, principal, 'sts:AssumeRoleWithWebIdentity', context);
}

/** The two ways in which GitHub writes a repository: by name, and since July 2026 with the ids that nobody can take over. */
describe.each(['repo:acme/tides', 'repo:acme@1/tides@2'])('a token of %s', (repo) => {
  const gate = workflow('pull-request-gate');
  const ship = workflow('commit-to-production');

  test.each<[Role, string, string]>([
    ['gate', 'pull_request', gate],
    ['ship', 'environment:production', ship],
    ['ship', 'environment:production', workflow('watch-drift')],
    ['ship', 'environment:production', workflow('roll-back')],
    ['ship', 'ref:refs/heads/main', ship],
  ])('opens %s for %s in %s', (role, sub, job_workflow_ref) => {
    expect(isTrusted(role, { sub: `${repo}:${sub}`, job_workflow_ref })).toBe(true);
  });

  test.each<[Role, string, string]>([
    ['gate', 'ref:refs/heads/main', gate],
    // A pull request may change the workflow files of its own repository, and those of nobody else.
    ['gate', 'pull_request', 'acme/tides/.github/workflows/model.yml@refs/pull/7/merge'],
    ['gate', 'pull_request', workflow('pull-request-gate', 'refs/pull/7/head')],
    ['ship', 'pull_request', gate],
    ['ship', 'pull_request', ship],
    ['ship', 'ref:refs/heads/feature', ship],
    ['ship', 'environment:staging', ship],
    // Without the environment's approval only candidates are made: what deploys and rolls back waits for it.
    ['ship', 'ref:refs/heads/main', workflow('roll-back')],
    ['ship', 'ref:refs/heads/main', 'acme/tides/.github/workflows/model.yml@refs/heads/main'],
    ['ship', 'environment:production', 'acme/tides/.github/workflows/model.yml@refs/heads/main'],
  ])('does not open %s for %s in %s', (role, sub, job_workflow_ref) => {
    expect(isTrusted(role, { sub: `${repo}:${sub}`, job_workflow_ref })).toBe(false);
  });

  test('opens nothing for another audience', () => {
    const claims = { sub: `${repo}:pull_request`, job_workflow_ref: gate, aud: 'https://github.com/acme' };
    expect(isTrusted('gate', claims)).toBe(false);
  });
});

test.each(['repo:stranger/tides', 'repo:acme/tides-fork', 'repo:acme@9/tides@2', 'repo:acme@1/tides@9'])(
  'a token of %s opens nothing',
  (repo) => {
    const asGate = { sub: `${repo}:pull_request`, job_workflow_ref: workflow('pull-request-gate') };
    const asShip = { sub: `${repo}:environment:production`, job_workflow_ref: workflow('roll-back') };
    expect([isTrusted('gate', asGate), isTrusted('ship', asShip)]).toEqual([false, false]);
  },
);

test('the service role is for SageMaker of this account alone', () => {
  expect(statements('sagemaker', 'trust')).toMatchObject([
    {
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': names.ACCOUNT } },
    },
  ]);
});
