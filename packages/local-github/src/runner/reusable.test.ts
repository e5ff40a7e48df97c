import { expect, test } from '@jest/globals';
import { conclusions, runOnce, startTestGithub } from '../testing/github.ts';

const shipWorkflow = `
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
`;

const greetAction = {
  'actions/greet/action.yml': `
name: greet
description: says hello
inputs: { who: { description: who, default: nobody } }
outputs: { greeting: { description: the words } }
runs: { using: node24, main: main.js }
`,
  'actions/greet/main.js': `require('fs').appendFileSync(process.env.GITHUB_OUTPUT, 'greeting=hello ' + process.env.INPUT_WHO + '\\n');`,
};

test('a push runs a reusable workflow of another repository, whose JavaScript action gives outputs to later jobs', async () => {
  const tools = { '.github/workflows/ship.yml': shipWorkflow, ...greetAction };
  await using github = await startTestGithub({ tools });
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
  expect(conclusions(runs[0] as never)).toEqual(['ship / greet: success', 'after: success']);
});

const call = (more: string, job = '') => `
on: push
permissions: { contents: read }
jobs:
  call:
    uses: ./.github/workflows/called.yml
${more.replaceAll(/^/gm, '    ')}
${job}
`;

const called = `
on:
  workflow_call:
    inputs:
      count: { type: number, required: true }
      dry: { type: boolean, default: true }
      word: { type: string, default: '\${{ github.ref_name }}' }
    secrets: { KEY: { required: true } }
jobs:
  inner:
    runs-on: x
    steps:
      - run: 'echo "\${{ inputs.count + 0 == inputs.count }} \${{ inputs.count == 3 }} \${{ inputs.dry == false }} \${{ inputs.word }} \${{ secrets.KEY == env.EXPECTED }} \${{ github.event_name }} \${{ secrets.OTHER }}."'
        env: { EXPECTED: s3cret }
`.replace('inputs.count + 0 == inputs.count', 'inputs.count');

test('a called workflow gets typed inputs and only the secrets it is given', async () => {
  const { run, log } = await runOnce(
    call('with: { count: 3, dry: false }\nsecrets: { KEY: "${{ secrets.REAL }}" }'),
    {
      files: { '.github/workflows/called.yml': called },
      secrets: { REAL: 's3cret', OTHER: 'not passed' },
    },
  );
  expect([run.errors, conclusions(run)]).toEqual([[], ['call / inner: success']]);
  expect(log).toContain('\n3 true true main true push .\n');
});

test('`secrets: inherit` passes them all', async () => {
  const { log } = await runOnce(call('with: { count: 3 }\nsecrets: inherit'), {
    files: { '.github/workflows/called.yml': called },
    secrets: { KEY: 's3cret', OTHER: 'yes it is' },
  });
  expect(log).toContain('\n3 true false main true push ***.\n');
});

test('a call that does not fit is refused before anything runs, with every reason and its place', async () => {
  const { run } = await runOnce(call('with: { count: many, colour: blue }\nsecrets: { WRONG: x }'), {
    files: { '.github/workflows/called.yml': called },
  });
  expect([run.conclusion, run.jobs, run.errors]).toEqual([
    'startup_failure',
    [],
    [
      `.github/workflows/test.yml:7:20  Input 'count' is "many", but .github/workflows/called.yml wants a number.`,
      `.github/workflows/test.yml:7:34  Input 'colour' is not declared by .github/workflows/called.yml.`,
      `.github/workflows/test.yml:6:11  Secret 'KEY' is required by .github/workflows/called.yml, but not given.`,
      `.github/workflows/test.yml:8:23  Secret 'WRONG' is not declared by .github/workflows/called.yml.`,
    ],
  ]);
});

test('a called workflow may not ask for more permissions than its caller has', async () => {
  const files = {
    '.github/workflows/called.yml':
      'on: workflow_call\njobs:\n  inner:\n    permissions: { id-token: write, contents: read }\n    runs-on: x\n    steps: [{ run: "true" }]\n',
  };
  const { run } = await runOnce(call(''), { files });
  expect(run.errors).toEqual([
    ".github/workflows/called.yml:4:18  The job 'inner' asks for id-token: write, which the job that calls this workflow has not got.",
  ]);
  const { run: allowed } = await runOnce(call('permissions: { id-token: write, contents: read }'), { files });
  expect(allowed.conclusion).toBe('success');
});

test('an input that has the wrong type only once it is evaluated fails the job that calls', async () => {
  const { run } = await runOnce(call('with: { count: "${{ github.sha }}" }\nsecrets: { KEY: x }'), {
    files: { '.github/workflows/called.yml': called },
  });
  expect([run.conclusion, conclusions(run), run.errors]).toEqual([
    'failure',
    ['call: failure'],
    [expect.stringContaining(`input 'count' is "${run.sha}", not a number`)],
  ]);
});
