import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { runOnce, startTestGithub } from '../testing/github.ts';

/** A step that asks the API, and prints the status and what GitHub says of it. */
const ask = (method: string, path: string, body = '{}') => `
      - shell: node {0}
        env: { TOKEN: '\${{ github.token }}' }
        run: |
          const body = '${method}' === 'GET' ? undefined : '${body}';
          fetch(process.env.GITHUB_API_URL + '${path}', { method: '${method}', body, headers: { authorization: 'Bearer ' + process.env.TOKEN } })
            .then(async (response) => console.log('answer', response.status, (await response.text()).slice(0, 60), response.headers.get('x-accepted-github-permissions') ?? ''));`;

const job = (permissions: string, steps: string) => `
on: push
jobs:
  a:
    runs-on: x
    ${permissions}
    steps:${steps}
`;

const answers = (log: string) => log.split('\n').filter((line) => line.startsWith('answer '));

test("a job's token may do exactly what its permissions say, and nothing in another repository", async () => {
  const steps = [
    ask('GET', '/repos/acme/model/contents/README.md'),
    ask('POST', '/repos/acme/model/deployments', '{"ref":"main"}'),
    ask('POST', '/repos/acme/model/issues', '{"title":"x"}'),
    ask('GET', '/user'),
    ask('GET', '/repos/acme/other'),
  ].join('');
  const { log } = await runOnce(job('permissions: { deployments: write }', steps));
  expect(answers(log)).toEqual([
    expect.stringMatching(/^answer 403 .*Resource not accessible by integration.* contents=read$/),
    expect.stringMatching(/^answer 201 /),
    expect.stringMatching(/^answer 403 .*Resource not accessible by integration.* issues=write$/),
    expect.stringMatching(/^answer 403 /),
    expect.stringMatching(/^answer 404 /),
  ]);
});

test('with no permissions said a token only reads, and after its job it is worth nothing', async () => {
  await using github = await startTestGithub();
  const [run] = await github.commitAndPush({
    '.github/workflows/test.yml': job(
      'outputs: { token: "${{ steps.t.outputs.token }}" }',
      `${ask('GET', '/repos/acme/model/contents/README.md')}${ask('POST', '/repos/acme/model/dispatches', '{"event_type":"x"}')}
      - id: t
        run: echo "token=$(echo '\${{ github.token }}' | rev)" >> "$GITHUB_OUTPUT"`,
    ),
  });
  const token = (run?.outputs['a']?.['token'] ?? '').split('').toReversed().join('');
  const { status } = await fetch(`${github.apiUrl}/repos/acme/model`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect([run?.conclusion, token.startsWith('ghs_'), status]).toEqual(['success', true, 401]);
});

type Key = { kty: string; n: string; e: string; kid: string };

async function tokenFrom(workflow: string, options: { immutableSubjects?: boolean } = {}) {
  await using github = await startTestGithub(options);
  const [run] = await github.commitAndPush({ '.github/workflows/test.yml': workflow });
  const [header = '', payload = '', signature = ''] = (run?.outputs['a']?.['token'] ?? '').split('.');
  const configuration = (await (
    await fetch(`${github.serverUrl}/.well-known/openid-configuration`)
  ).json()) as { issuer: string; jwks_uri: string };
  const { keys } = (await (await fetch(configuration.jwks_uri)).json()) as { keys: Key[] };
  const parse = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  const key = keys.find(({ kid }) => kid === parse(header)['kid']);
  const valid =
    key !== undefined &&
    verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
  return { run, valid, claims: parse(payload), issuer: configuration.issuer };
}

const oidc = (more = '') =>
  job(
    `permissions: { id-token: write }
    outputs: { token: '\${{ steps.t.outputs.token }}' }
    ${more}`,
    `
      - id: t
        run: |
          node -e "
            const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = process.env;
            fetch(url + '&audience=sts.amazonaws.com', { headers: { Authorization: 'Bearer ' + token } }).then((answer) => answer.json()).then(({ value }) => console.log('token=' + value));
          " >> "$GITHUB_OUTPUT"`,
  );

test('a job with id-token: write gets a signed OIDC token with the claims that GitHub has', async () => {
  const { run, valid, claims, issuer } = await tokenFrom(oidc());
  expect(valid).toBe(true);
  expect(claims).toMatchObject({
    iss: issuer,
    aud: 'sts.amazonaws.com',
    sub: 'repo:acme/model:ref:refs/heads/main',
    repository: 'acme/model',
    repository_owner: 'acme',
    ref: 'refs/heads/main',
    sha: run?.sha,
    event_name: 'push',
    run_id: '1',
    run_attempt: '1',
    actor: 'you',
    workflow: '.github/workflows/test.yml',
    workflow_ref: 'acme/model/.github/workflows/test.yml@refs/heads/main',
    job_workflow_ref: 'acme/model/.github/workflows/test.yml@refs/heads/main',
  });
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(300);
});

test('the subject names the environment, and the ids where the repository has immutable subjects', async () => {
  expect((await tokenFrom(oidc('environment: production'))).claims).toMatchObject({
    sub: 'repo:acme/model:environment:production',
    environment: 'production',
  });
  const { claims } = await tokenFrom(oidc(), { immutableSubjects: true });
  expect(claims['sub']).toBe(
    `repo:acme@${String(claims['repository_owner_id'])}/model@${String(claims['repository_id'])}:ref:refs/heads/main`,
  );
});
