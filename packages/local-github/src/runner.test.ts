import { expect, test } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestGithub, writeFiles } from './testing.ts';

test('a push runs a reusable workflow of another repository, whose JavaScript action gives outputs to later jobs', async () => {
  const tools = mkdtempSync(join(tmpdir(), 'tools-'));
  writeFiles(tools, {
    '.github/workflows/ship.yml': `
on:
  workflow_call:
    inputs: { name: { type: string, required: true } }
    outputs: { greeting: { value: '\${{ jobs.greet.outputs.greeting }}' } }
jobs:
  greet:
    runs-on: ubuntu-latest
    outputs: { greeting: '\${{ steps.greet.outputs.greeting }}' }
    steps:
      - uses: $/actions/greet
        id: greet
        with: { who: '\${{ inputs.name }}' }
`,
    'actions/greet/action.yml': `
name: greet
description: says hello
inputs: { who: { description: who, default: nobody } }
outputs: { greeting: { description: the words } }
runs: { using: node24, main: main.js }
`,
    'actions/greet/main.js': `require('fs').appendFileSync(process.env.GITHUB_OUTPUT, 'greeting=hello ' + process.env.INPUT_WHO + '\\n');`,
  });
  await using github = await startTestGithub({ actions: { 'acme/tools': tools } });
  const runs = await github.commitAndPush({
    '.github/workflows/model.yml': `
name: model
on: { push: { branches: [main] } }
jobs:
  ship:
    uses: acme/tools/.github/workflows/ship.yml@v1
    with: { name: Ada }
  after:
    needs: ship
    runs-on: ubuntu-latest
    outputs: { seen: '\${{ steps.see.outputs.seen }}' }
    steps:
      - uses: actions/checkout@v4
      - id: see
        run: |
          test -f README.md
          echo "seen=\${{ needs.ship.outputs.greeting }}" >> "$GITHUB_OUTPUT"
`,
  });
  expect(
    runs.map(({ workflow, conclusion, errors, outputs }) => ({ workflow, conclusion, errors, outputs })),
  ).toEqual([
    {
      workflow: 'model',
      conclusion: 'success',
      errors: [],
      outputs: { ship: { greeting: 'hello Ada' }, after: { seen: 'hello Ada' } },
    },
  ]);
  expect(runs[0]?.jobs.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
    'ship / greet: success',
    'after: success',
  ]);
});
