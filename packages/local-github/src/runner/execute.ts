import { readFileSync, statSync } from 'node:fs';
import { asText } from '../expressions/values.ts';
import { createCommandFiles, readLines, readPairs } from './command-file.ts';
import { stepEnvironment } from './environment.ts';
import { runProcess } from './process.ts';
import type { StepRequest, Handled } from './step.ts';

/** Names that a step may not set for the steps after it. */
const PROTECTED = /^(?:GITHUB_|RUNNER_|ACTIONS_)|^(?:CI|NODE_OPTIONS)$/i;

type Program = { command: string; args: string[]; cwd: string; extra?: Record<string, string> };

/** Runs a step's program with the runner's files, and reads what it wrote to them. */
export async function execute(request: StepRequest, { command, args, cwd, extra }: Program) {
  const { job, env, log, signal, timeoutMs } = request;
  const files = createCommandFiles(job.temporary);
  const environment = stepEnvironment(job, { env, files, extra: extra ?? {} });
  const ended = await runProcess({
    command,
    args,
    cwd,
    environment,
    signal,
    forced: job.forced,
    timeoutMs,
    timing: job.host.timing,
    onLine: log.printed,
  });

  const outputs = Object.fromEntries(readPairs(files.GITHUB_OUTPUT));
  const state = new Map([...log.heard.state, ...readPairs(files.GITHUB_STATE)]);
  for (const [name, value] of readPairs(files.GITHUB_ENV)) {
    if (PROTECTED.test(name)) log.fail(`Can't store ${name} in $GITHUB_ENV: it is the runner's own.`);
    else job.env[name] = value;
  }
  job.paths.unshift(...readLines(files.GITHUB_PATH).toReversed());

  keepSummary(request, files.GITHUB_STEP_SUMMARY);

  const handled: Handled = { outcome: outcomeOf(ended, request), outputs };
  return { handled, state };
}

/** GitHub's largest summary of a step, in bytes; a larger one is not shown at all. */
const LARGEST_SUMMARY = 1024 * 1024;

function keepSummary({ job, log }: StepRequest, file: string): void {
  const { size } = statSync(file);
  if (size <= LARGEST_SUMMARY) job.record.summary += job.masks.hide(readFileSync(file, 'utf8'));
  else
    log.fail(
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.ceil(size / 1024)}k.`,
    );
}

function outcomeOf(
  ended: Awaited<ReturnType<typeof runProcess>>,
  { log, step }: StepRequest,
): Handled['outcome'] {
  if (ended.stopped === 'timed-out') {
    log.fail(`The step has timed out after ${asText(step['timeout-minutes'])} minutes.`);
    return 'failure';
  }
  if (ended.stopped === 'cancelled') {
    log.fail('The operation was canceled.');
    return 'cancelled';
  }
  if (ended.code === 0) return 'success';
  log.fail(
    `Process completed with ${ended.code === null ? `signal ${ended.signal}` : `exit code ${ended.code}`}.`,
  );
  return 'failure';
}
