import { existsSync } from 'node:fs';
import path from 'node:path';
import * as core from '@actions/core';
import { githubApi, type GithubApi } from './api.ts';
import { readContext, type Context } from './context.ts';
import type { Contract, Outputs, OutputValue, ParsedInputs } from './contract.ts';
import { idToken } from './id-token.ts';
import { log, type Log } from './log.ts';
import { readInputs, type ManifestLookup } from './read-inputs.ts';
import { writeReport } from './report.ts';
import { appendSummary } from './summary.ts';
import { isUserError, UserError } from './user-error.ts';

/** What an action's body may use of GitHub. */
export type Run = {
  /** Aborted when GitHub cancels the job; 7.5 seconds later the process is told to end, 2.5 later it is killed. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly context: Context;
  readonly api: GithubApi;
  idToken(audience: string): Promise<string>;
  /** Appends to the job's summary page. */
  summary(markdown: string): void;
  /** Leaves a report for later steps and readers, as JSON; returns its path. */
  report(name: string, report: unknown): string;
  /** Kept for the action's post step. */
  saveState(name: string, value: string): void;
};

type Extras = {
  /** Opens the manifest at a path; undefined where there is no such file. Loaded only when there is one to read. */
  readonly manifest?: (path: string) => Promise<ManifestLookup | undefined>;
};

/**
 * Runs an action: reads its inputs, calls the body, sets the outputs it returns and those every action has.
 * This is the one place where errors end: the reader's own faults are shown without a stack, ours with one.
 */
export async function runAction<C extends Contract>(
  contract: C,
  body: (inputs: ParsedInputs<C['inputs']>, run: Run) => Promise<Outputs<C>>,
  extras: Extras = {},
): Promise<void> {
  const started = process.hrtime.bigint();
  const cancel = new AbortController();
  const onSignal = () => cancel.abort(new UserError(`${contract.name} was cancelled`));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let outcome: { status: string; reason: string };
  try {
    const context = readContext(process.env);
    const inputs = readInputs(contract, process.env, await manifestOf(context, extras));
    const token = (inputs as { githubToken?: string }).githubToken ?? '';
    if (token !== '') core.setSecret(token);
    const { fail, notice, ...outputs } = await body(inputs, {
      signal: cancel.signal,
      log,
      context,
      api: githubApi({ token, apiUrl: context.apiUrl, repository: context.repository }),
      idToken: (audience) => idToken(process.env, audience),
      summary: (markdown) => appendSummary(process.env['GITHUB_STEP_SUMMARY'], markdown),
      report: (name, report) => writeReport(context.temporaryFolder, name, report),
      saveState: core.saveState,
    });
    setOutputs(outputs);
    if (notice !== undefined) log.notice(notice);
    const status = (outputs as { status?: string }).status;
    outcome = { status: status ?? (fail === undefined ? 'success' : 'failure'), reason: fail ?? '' };
  } catch (error) {
    outcome = { status: cancel.signal.aborted ? 'cancelled' : 'failure', reason: (error as Error).message };
    if (!isUserError(error)) core.info(((error as Error).stack ?? '') + causes(error));
  }
  setOutputs({
    status: outcome.status,
    'failure-reason': outcome.reason,
    'duration-seconds': Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000,
  });
  if (outcome.reason !== '') core.setFailed(outcome.reason);
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
}

/** Runs an action's post step, which undoes what must not outlive a cancelled job. It warns, and never fails the job. */
export async function runPost(
  contract: Contract,
  body: (state: (name: string) => string, run: Pick<Run, 'log' | 'context' | 'idToken'>) => Promise<void>,
): Promise<void> {
  try {
    await body(core.getState, {
      log,
      context: readContext(process.env),
      idToken: (audience) => idToken(process.env, audience),
    });
  } catch (error) {
    core.warning(`${contract.name} could not clean up: ${(error as Error).message}`);
  }
}

async function manifestOf(context: Context, { manifest }: Extras): Promise<ManifestLookup | undefined> {
  if (manifest === undefined) return undefined;
  const given = process.env['INPUT_MANIFEST'] || 'tidegate.yml';
  const file = path.resolve(context.workspace, given);
  if (existsSync(file)) return await manifest(file);
  if (given !== 'tidegate.yml')
    throw new UserError(`manifest ${given} does not exist in ${context.workspace}`);
  return undefined;
}

function setOutputs(outputs: Readonly<Record<string, OutputValue>>): void {
  for (const [name, value] of Object.entries(outputs))
    if (value !== undefined) core.setOutput(name, String(value));
}

function causes(error: unknown): string {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return '';
  return `\ncaused by ${error.cause.stack ?? error.cause.message}${causes(error.cause)}`;
}
