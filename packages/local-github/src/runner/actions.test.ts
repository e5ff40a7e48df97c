import { expect, test } from '@jest/globals';
import { runOnce } from '../testing/github.ts';

const action = (runs: string, more = '') => `name: test\ndescription: a test\n${more}\nruns: ${runs}\n`;
const workflow = (steps: string) =>
  `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${steps.trim().replaceAll(/^/gm, '      ')}\n`;

const recorder = (part: string) => `
const { appendFileSync } = require('fs');
console.log('${part} ' + process.env.INPUT_NAME + ' state=' + (process.env.STATE_seen ?? 'none'));
appendFileSync(process.env.GITHUB_STATE, 'seen=' + (process.env.STATE_seen ?? '') + '${part[0]}' + process.env.INPUT_NAME + '\\n');
if (process.env.INPUT_NAME === 'fails' && '${part}' === 'main') process.exit(1);
`;

const life = {
  'life/action.yml': action(
    "{ using: node20, pre: pre.js, main: main.js, post: post.js, post-if: 'always()' }",
    'inputs: { name: { description: n } }',
  ),
  'life/pre.js': recorder('pre'),
  'life/main.js': recorder('main'),
  'life/post.js': recorder('post'),
  'on-success/action.yml': action(
    '{ using: node24, main: main.js, post: post.js, post-if: success() }',
    'inputs: { name: { description: n } }',
  ),
  'on-success/main.js': recorder('main'),
  'on-success/post.js': recorder('post'),
};

const wordsOf = (log: string) => log.split('\n').filter((line) => /^(?:pre|main|post|step) /.test(line));

test('pre runs before the first step, post in reverse order after the last, with the state of the parts before', async () => {
  const tools = life;
  const { run, log } = await runOnce(
    workflow(`
- run: echo "step one"
- { uses: acme/tools/life@v1, with: { name: a } }
- { uses: acme/tools/on-success@main, with: { name: b } }
- { uses: acme/tools/life@v1, with: { name: fails } }`),
    { tools },
  );
  expect(wordsOf(log)).toEqual([
    'pre a state=none',
    'pre fails state=none',
    'step one',
    'main a state=pa',
    'main b state=none',
    'main fails state=pfails',
    'post fails state=pfailsmfails',
    'post a state=pama',
  ]);
  expect(run.jobs[0]?.steps.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
    'Pre Run acme/tools/life@v1: success',
    'Pre Run acme/tools/life@v1: success',
    'Run echo "step one": success',
    'Run acme/tools/life@v1: success',
    'Run acme/tools/on-success@main: success',
    'Run acme/tools/life@v1: failure',
    'Post Run acme/tools/life@v1: success',
    'Post Run acme/tools/life@v1: success',
  ]);
});

test('a composite action has its own steps, inputs and outputs, calls others beside it, and lets failure() be its own', async () => {
  const tools = {
    ...life,
    'compose/action.yml': action(
      `
  using: composite
  steps:
    - { id: one, shell: bash, run: 'echo "word=\${{ inputs.word }}-\${{ env.FROM_STEP }}" >> "$GITHUB_OUTPUT"; echo "KEPT=yes" >> "$GITHUB_ENV"' }
    - { uses: $/life, with: { name: 'inner-\${{ steps.one.outputs.word }}' } }
    - { shell: bash, if: failure(), run: echo not reached }
    - { shell: bash, run: 'test -f "\${{ github.action_path }}/action.yml" && echo "step kept=$KEPT"' }`,
      `inputs: { word: { description: w, default: '\${{ github.ref_name }}' } }
outputs: { result: { description: r, value: '\${{ steps.one.outputs.word }}' } }`,
    ),
  };
  const { run, log } = await runOnce(
    workflow(`
- { id: c, uses: acme/tools/compose@v1, env: { FROM_STEP: caller } }
- { run: 'echo "step result=\${{ steps.c.outputs.result }} kept=$KEPT one=\${{ steps.one.outputs.word }}"' }`),
    { tools },
  );
  expect(run.errors).toEqual([]);
  expect(wordsOf(log)).toEqual([
    'pre inner-main-caller state=none',
    'main inner-main-caller state=pinner-main-caller',
    'step kept=yes',
    'step result=main-caller kept=yes one=',
    'post inner-main-caller state=pinner-main-callerminner-main-caller',
  ]);
});

test('an action in the workspace needs a checkout, and is then found', async () => {
  const files = {
    'act/action.yml': action('{ using: node24, main: m.js }'),
    'act/m.js': 'console.log("main here")',
  };
  const without = await runOnce(workflow('- uses: ./act'), { files });
  expect(without.log).toContain('Does a checkout come before it?');
  const { log } = await runOnce(
    workflow('- uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683\n- uses: ./act'),
    { files },
  );
  expect(wordsOf(log)).toEqual(['main here']);
});

test('inputs keep their declared spelling, take their defaults, and unknown ones are warned of', async () => {
  const tools = {
    'a/action.yml': action(
      '{ using: node24, main: m.js }',
      "inputs: { Max-Runtime: { description: d, default: 1h }, 'two words': { description: d } }",
    ),
    'a/m.js': "console.log('main', process.env['INPUT_MAX-RUNTIME'], process.env.INPUT_TWO_WORDS)",
  };
  const { run, log } = await runOnce(
    workflow('- { uses: acme/tools/a@v1, with: { max-runtime: 2h, "two words": x, typo: 1 } }'),
    { tools },
  );
  expect(wordsOf(log)).toEqual(['main 2h x']);
  expect(run.jobs[0]?.annotations.map(({ message }) => message)).toEqual([
    "Unexpected input(s) 'typo', valid inputs are ['max-runtime', 'two words']",
  ]);
});

test('what cannot run here is refused by name and place before anything runs', async () => {
  const tools = {
    'built/action.yml': action('{ using: node24, main: ../dist/built.js }'),
    'dock/action.yml': action('{ using: docker, image: Dockerfile }'),
    'outer/action.yml': action('{ using: composite, steps: [{ uses: other/thing@v2 }] }'),
  };
  const { run } = await runOnce(
    `on: push
jobs:
  a:
    runs-on: windows-latest
    container: node:24
    services: { redis: { image: redis } }
    steps:
      - uses: docker://alpine
      - uses: actions/labeler@v5
      - uses: acme/tools/built@v1
      - uses: acme/tools/dock@v1
      - uses: acme/tools/outer@v1
      - { run: dir, shell: pwsh }
      - { run: 'true', background: true }
  b:
    uses: other/repo/.github/workflows/x.yml@main
`,
    { tools },
  );
  expect([run.conclusion, run.jobs]).toEqual(['startup_failure', []]);
  expect(
    run.errors.map((line) => line.replaceAll(/\/\S+\/tools\//g, 'TOOLS/').replace('.github/workflows/', '')),
  ).toEqual([
    'test.yml:5:16  Jobs in containers are not supported: steps run on this machine.',
    'test.yml:6:15  Service containers are not supported on this machine.',
    "test.yml:4:14  The runner 'windows-latest' is not supported: jobs run on this machine.",
    "test.yml:13:28  The shell 'pwsh' is not supported: bash, sh, python or a command with {0}.",
    "test.yml:14:36  'background' is not supported: steps run one after the other.",
    'test.yml:16:11  uses: other/repo/.github/workflows/x.yml@main: this workflow is not on this machine. Map its repository to a folder.',
    'test.yml:8:15  uses: docker://alpine: Docker actions are not supported on this machine.',
    expect.stringContaining(
      'test.yml:9:15  uses: actions/labeler@v5: this action is not on this machine. Map actions/labeler to a folder, or use one of actions/checkout',
    ),
    "test.yml:10:15  uses: acme/tools/built@v1: TOOLS/dist/built.js is missing. Run `npm run build` in the action's repository first.",
    "test.yml:11:15  uses: acme/tools/dock@v1: actions that run on 'docker' are not supported, only node20, node24 and composite.",
    expect.stringContaining(
      'test.yml:12:15  uses: acme/tools/outer@v1: uses: other/thing@v2: this action is not on this machine.',
    ),
  ]);
});

test('a workflow that GitHub cannot read fails with the line and column of each mistake', async () => {
  const { run } = await runOnce(
    'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo ${{ githb.sha }}\n      - { rnu: x }\n',
  );
  expect([run.conclusion, run.errors[0]]).toEqual([
    'startup_failure',
    ".github/workflows/test.yml:6:19  Unrecognized named-value: 'githb'",
  ]);
  expect(run.errors[1]).toBe(".github/workflows/test.yml:7:11  Unexpected value 'rnu'");
});
