import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { runOnce } from '../testing/github.ts';

const steps = (text: string, more = '') => `
on: push
jobs:
  a:
    runs-on: ubuntu-latest
${more}
    steps:
${text.replaceAll(/^/gm, '      ')}
`;

const outcomes = ({ run }: Awaited<ReturnType<typeof runOnce>>) =>
  run.jobs[0]?.steps.map(({ name, conclusion }) => `${name}: ${conclusion}`);

test('a failing step skips what follows, except what asks for failure() or always()', async () => {
  const ran = await runOnce(
    steps(`
- { name: first, run: 'true' }
- { name: broken, run: exit 3 }
- { name: skipped, run: 'true' }
- { name: on failure, if: failure(), run: 'true' }
- { name: always, if: always(), run: 'true' }
- { name: condition, if: "\${{ always() && github.ref == 'refs/heads/main' }}", run: 'true' }`),
  );
  expect(outcomes(ran)).toEqual([
    'first: success',
    'broken: failure',
    'skipped: skipped',
    'on failure: success',
    'always: success',
    'condition: success',
  ]);
  expect(ran.run.conclusion).toBe('failure');
  expect(ran.run.jobs[0]?.annotations.map(({ message }) => message)).toEqual([
    'Process completed with exit code 3.',
  ]);
});

test('continue-on-error changes the conclusion and not the outcome', async () => {
  const ran = await runOnce(
    steps(`
- { id: bad, name: bad, continue-on-error: true, run: exit 1 }
- run: echo "\${{ steps.bad.outcome }} \${{ steps.bad.conclusion }}"`),
  );
  expect(ran.run.conclusion).toBe('success');
  expect(ran.log).toContain('failure success');
});

test('bash stops at the first error, with pipefail only where bash is named; sh and python run too', async () => {
  const ran = await runOnce(
    steps(`
- { name: plain, run: 'false | true' }
- { name: named, shell: bash, continue-on-error: true, run: 'false | true' }
- { name: sh, shell: sh, run: 'echo from $0' }
- { name: python, shell: python, run: "print('from python')" }
- { name: own, shell: 'node {0}', run: "console.log('from node', process.version.split('.')[0])" }`),
  );
  expect(outcomes(ran)).toEqual([
    'plain: success',
    'named: success',
    'sh: success',
    'python: success',
    'own: success',
  ]);
  expect(ran.log).toContain('Process completed with exit code 1.');
  expect(ran.log).toContain('from python');
  expect(ran.log).toContain('from node v24');
});

test('the files of a step set outputs, variables, the path and the summary for what follows', async () => {
  const ran = await runOnce(
    steps(`
- id: give
  run: |
    echo "plain=a=b<<c" >> "$GITHUB_OUTPUT"
    printf 'lines<<END\\none\\n\\ntwo\\nEND\\n' >> "$GITHUB_OUTPUT"
    echo "COLOUR=blue" >> "$GITHUB_ENV"
    echo "## Summary" >> "$GITHUB_STEP_SUMMARY"
    mkdir -p "$RUNNER_TEMP/bin"
    printf '#!/bin/sh\\necho mine\\n' > "$RUNNER_TEMP/bin/own-tool" && chmod +x "$RUNNER_TEMP/bin/own-tool"
    echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
- run: |
    echo "[\${{ steps.give.outputs.plain }}] $COLOUR \${{ env.COLOUR }} $(own-tool)"
    printf '%s' '\${{ toJSON(steps.give.outputs.lines) }}'`),
  );
  expect(ran.log).toContain('[a=b<<c] blue blue mine');
  expect(ran.run.jobs[0]?.summary).toBe('## Summary\n');
  expect(ran.log).toContain(String.raw`"one\n\ntwo"`);
});

test('a block without its end, and a line that is no pair, fail the step', async () => {
  const ran = await runOnce(
    steps(`
- { name: open block, continue-on-error: true, run: 'echo "a<<END" >> "$GITHUB_OUTPUT"' }
- { name: no pair, continue-on-error: true, run: 'echo nothing >> "$GITHUB_ENV"' }
- { name: protected, run: 'echo GITHUB_SHA=evil >> "$GITHUB_ENV"' }
- run: test "$GITHUB_SHA" = "\${{ github.sha }}"`),
  );
  expect(ran.log).toContain("##[error]Invalid value. Matching delimiter not found 'END'");
  expect(ran.log).toContain("##[error]Invalid format 'nothing'");
  expect(ran.log).toContain("Can't store GITHUB_SHA");
  expect(ran.run.conclusion).toBe('success');
});

test('commands on standard output annotate, mask, group and set outputs; stop-commands silences them', async () => {
  const ran = await runOnce(
    steps(`
- id: old
  run: |
    echo "::error file=app.py,line=7,title=Broken::it%0Afailed"
    echo "::notice::all%20well"
    echo "::add-mask::hunter2"
    echo "the password is hunter2"
    echo "::set-output name=x::1"
    echo "::stop-commands::token-1"
    echo "::error::not heard"
    echo "::token-1::"
    echo "text ##[warning]heard within a line"
- run: echo "x is \${{ steps.old.outputs.x }}"`),
  );
  expect(ran.run.jobs[0]?.annotations).toEqual([
    { level: 'failure', message: 'it\nfailed', title: 'Broken', file: 'app.py', line: 7 },
    { level: 'notice', message: 'all%20well', title: '', file: '.github', line: 1 },
    {
      level: 'warning',
      message: 'The `set-output` command is deprecated: write to $GITHUB_OUTPUT.',
      title: '',
      file: '.github',
      line: 1,
    },
    { level: 'warning', message: 'heard within a line', title: '', file: '.github', line: 1 },
  ]);
  expect(ran.log).toContain('the password is ***');
  expect(ran.log).toContain('::error::not heard');
  expect(ran.log).toContain('x is 1');
});

test('a job output that shows a secret is dropped with a warning', async () => {
  const ran = await runOnce(
    steps(
      `
- { id: s, run: 'echo "leak=it is $KEY" >> "$GITHUB_OUTPUT"; echo "fine=1" >> "$GITHUB_OUTPUT"; echo $KEY', env: { KEY: '\${{ secrets.API_KEY }}' } }`,
      `    outputs: { leak: '\${{ steps.s.outputs.leak }}', fine: '\${{ steps.s.outputs.fine }}' }`,
    ),
    { secrets: { API_KEY: 's3cr3t-value' } },
  );
  expect(ran.run.outputs).toEqual({ a: { fine: '1' } });
  expect(ran.run.jobs[0]?.annotations.map(({ message }) => message)).toEqual([
    "Skip output 'leak' since it may contain secret.",
  ]);
  expect(ran.log).not.toContain('s3cr3t-value');
});

test('a step sees the runner and its own variables, and none of the secrets around the runner', async () => {
  process.env['PARENT_SECRET'] = 'do not pass on';
  const ran = await runOnce(
    steps(
      `
- { run: env | sort, env: { LEVEL: step, OWN: '\${{ env.LEVEL }}' } }`,
      '    env: { LEVEL: job, JOB: "1" }',
    ),
    { environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', LEVEL: 'machine' } },
  );
  delete process.env['PARENT_SECRET'];
  expect(ran.log).not.toContain('do not pass on');
  for (const line of [
    'AWS_ENDPOINT_URL=http://127.0.0.1:1',
    'CI=true',
    'GITHUB_ACTIONS=true',
    'GITHUB_EVENT_NAME=push',
    'GITHUB_REF_NAME=main',
    'GITHUB_REPOSITORY=acme/model',
    'JOB=1',
    'LEVEL=step',
    'OWN=job',
    'RUNNER_OS=Linux',
  ])
    expect(ran.log).toContain(`\n${line}\n`);
  expect(ran.log).not.toContain('GITHUB_TOKEN=');
  expect(ran.log).not.toContain('ACTIONS_ID_TOKEN_REQUEST_URL');
});

test('a step and a job that take too long are stopped', async () => {
  const timing = { minuteMs: 600, interruptMs: 50, terminateMs: 50 };
  const step = await runOnce(
    steps(`
- { name: slow, timeout-minutes: 1, run: sleep 60 }
- { name: after, if: failure(), run: 'true' }`),
    { timing },
  );
  expect([step.run.conclusion, outcomes(step)]).toEqual(['failure', ['slow: failure', 'after: success']]);
  const job = await runOnce(
    steps(
      `
- { name: slow, run: sleep 60 }
- { name: after, run: 'true' }`,
      '    timeout-minutes: 1',
    ),
    { timing },
  );
  expect([job.run.jobs[0]?.conclusion, outcomes(job)]).toEqual([
    'cancelled',
    ['slow: cancelled', 'after: skipped'],
  ]);
});

test('a process that a step leaves behind does not outlive the job', async () => {
  const ran = await runOnce(
    steps(`
- run: |
    sleep 300 > /dev/null 2>&1 &
    echo "pid=$!"`),
  );
  const pid = /pid=(\d+)/.exec(ran.log)?.[1];
  // Until its parent has looked, a process that ended is listed without a command line.
  const commandLine = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
  expect([pid, commandLine]).toEqual([expect.any(String), '']);
});

test("expressions have GitHub's functions, also hashFiles and fromJSON of a matrix of types", async () => {
  const ran = await runOnce(
    steps(`
- uses: actions/checkout@v4
- run: |
    echo "1 \${{ contains(fromJSON('["a","b"]'), 'B') }} \${{ startsWith('Hello', 'he') }} \${{ join(fromJSON('[1,2]'), '-') }}"
    echo "2 \${{ hashFiles('**/*.lock') != '' }} \${{ hashFiles('nothing') == '' }} \${{ github.event.head_commit.message }}"
    echo "3 \${{ format('{0} {1}', runner.os, vars.REGION) }} \${{ 1 == 1.0 && 'yes' || 'no' }} \${{ github.event.nothing.here }}."`),
    { files: { 'uv.lock': 'x' }, vars: { REGION: 'us-east-1' } },
  );
  expect(ran.log).toContain('\n1 true true 1-2\n');
  expect(ran.log).toContain('\n2 true true change\n');
  expect(ran.log).toContain('\n3 Linux us-east-1 yes .\n');
});

test('five trivial steps cost well under 300 ms', async () => {
  const ran = await runOnce(
    steps(Array.from({ length: 5 }, (_, index) => `- run: echo ${index}`).join('\n')),
  );
  const { startedAt, completedAt } = ran.run.jobs[0] ?? {};
  const milliseconds = Date.parse(completedAt ?? '') - Date.parse(startedAt ?? '');
  expect(milliseconds).toBeLessThan(1500); // on an idle machine about 60; tests share theirs with others
});
