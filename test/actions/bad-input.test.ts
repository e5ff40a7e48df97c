import { readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runBuiltAction } from '../support/run-action.ts';

const root = path.resolve(import.meta.dirname, '../..');
const actions = readdirSync(path.join(root, 'actions')).filter((name) =>
  existsSync(path.join(root, 'actions', name, 'contract.ts')),
);

describe.each(actions)('%s', (name) => {
  const script = path.join(root, 'dist', `${name}.js`);

  test('with no inputs names every missing one, exits 1, and has called nobody', async () => {
    // Nothing listens there: a call would fail with another message.
    const { code, outputs, stdout } = await runBuiltAction(
      script,
      {},
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_REGION: 'us-east-1' },
    );
    expect({ code, status: outputs['status'] }).toEqual({ code: 1, status: 'failure' });
    expect(outputs['failure-reason']).toMatch(new RegExp(`inputs? of ${name} cannot be used:`));
    expect(outputs['failure-reason']).toContain('is missing');
    expect(stdout).not.toContain('    at ');
  });

  test('with a bad region and a bad role names both at once', async () => {
    const { outputs } = await runBuiltAction(script, { 'aws-region': 'the-moon', 'role-to-assume': 'admin' });
    expect(outputs['failure-reason']).toContain('"the-moon" is not an AWS region (us-east-1)');
    expect(outputs['failure-reason']).toContain('"admin" is not an IAM role ARN');
  });
});
