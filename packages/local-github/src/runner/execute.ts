import type { StepRequest, Handled } from './steps.ts';
import { asText } from '../expressions/values.ts';
import { createCommandFiles, readLines, readPairs } from './command-file.ts';
import { stepEnvironment } from './environment.ts';
import { runProcess } from './process.ts';

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

  const handled: Handled = { outcome: outcomeOf(ended, request), outputs };
  return { handled, state };
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
