import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { forbidden } from './forbidden.ts';
import { permissionsOf, type Permission } from './permissions.ts';
import { policyText, roleArn, roles, statements, type Role } from './policies.ts';
import { reasons } from './reasons.ts';
import { serviceRolePermissions, storedManifests } from './service-role.ts';
import { playStory, type Story } from './story.ts';
import { deniedTo, distinct, idleIn } from './verdicts.ts';

/** Of all the inline policies of a role together. */
const mostCharacters = 10_240;

let story: Story;
let needed: Record<Role, Permission[]>;

beforeAll(async () => {
  story = await playStory();
  const by = (role: Role) =>
    story.calls.filter((call) => call.roleArn === roleArn(role)).flatMap(permissionsOf);
  const manifests = storedManifests(story.calls);
  needed = {
    gate: distinct(by('gate')),
    ship: distinct(by('ship')),
    sagemaker: distinct(story.calls.flatMap((call) => serviceRolePermissions(call, manifests))),
  };
});
afterAll(async () => await story?.close());

test('the story is a whole life: shipped, judged, shipped again, drifted and retrained, rolled back', () => {
  expect(story.chapters).toEqual([
    { gate: 'pass', verdict: 'promoted' },
    { verdict: 'pass' },
    { gate: 'pass', verdict: 'promoted' },
    { drift: 'drift', gate: 'pass', verdict: 'promoted' },
    { verdict: 'promoted' },
  ]);
});

describe.each(roles)('the policy of the %s role', (role) => {
  test('allows every call that was made', async () => {
    expect(needed[role].length).toBeGreaterThan(20);
    expect(await denied(role, needed[role])).toEqual([]);
  });

  test('allows nothing that no call needs and no reason is written down for', () => {
    expect(unexplained(role)).toEqual([]);
  });

  test('denies what this role must not do', async () => {
    const asked = forbidden[role]();
    expect(await denied(role, asked)).toEqual(asked.map(({ action, resource }) => `${action} ${resource}`));
  });

  test('fits into a role, and each of its statements is explained in the guide', () => {
    expect(policyText(role, 'policy').replace(/\s/g, '').length).toBeLessThan(mostCharacters);
    const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/iam.md'), 'utf8');
    const unsaid = statements(role)
      .map(({ Sid }) => Sid)
      .filter((sid) => !guide.includes(`| \`${sid}\` `));
    expect(unsaid).toEqual([]);
  });
});

test('each written reason is for something that a policy really gives', () => {
  const given = roles.flatMap((role) =>
    statements(role).flatMap(({ Sid, Action, Resource = [] }) =>
      [Action, Resource].flat(2).map((of) => `${role} ${Sid} ${of}`),
    ),
  );
  const idle = Object.keys(reasons).filter((key) => !given.includes(key));
  expect(idle).toEqual([]);
});

const denied = (role: Role, asked: readonly Permission[]) => deniedTo(roleArn(role), asked, story.aws);

/** Actions and resources of statements that no needed permission met. */
const unexplained = (role: Role): string[] =>
  idleIn(statements(role), needed[role])
    .map((of) => `${role} ${of}`)
    .filter((key) => reasons[key] === undefined);
