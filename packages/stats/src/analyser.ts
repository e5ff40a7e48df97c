// The program of a Processing job: compares captured traffic with a baseline and leaves the results as files.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { analyseBaseline, analyseDrift } from './analyse.ts';
import { analysePerformance } from './analyse-performance.ts';
import type { PerformanceAnalysis } from './analyse-performance.ts';
import type { DriftSettings } from './drift/settings.ts';
import { driftSummary, performanceSummary } from './report/text.ts';
import { UserError } from './user-error.ts';

const USAGE = `analyser --mode baseline|check --baseline PATH --capture PATH --thresholds JSON|FILE --output FOLDER
         [--schema FILE] [--labels PATH --evaluation FILE]
Each may be given as TIDEGATE_MODE, TIDEGATE_BASELINE, TIDEGATE_CAPTURE and so on instead.`;

type Given = Record<'mode' | 'baseline' | 'capture' | 'thresholds' | 'output', string> &
  Record<'schema' | 'labels' | 'evaluation', string | undefined>;
type Thresholds = DriftSettings & { performance?: PerformanceAnalysis };

function given(args: readonly string[], environment: NodeJS.ProcessEnv): Given {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: option,
      baseline: option,
      capture: option,
      thresholds: option,
      schema: option,
      labels: option,
      evaluation: option,
      output: option,
    },
  });
  return {
    mode: values.mode ?? environment['TIDEGATE_MODE'] ?? 'check',
    baseline: values.baseline ?? environment['TIDEGATE_BASELINE'] ?? '/opt/ml/processing/input/baseline',
    capture: values.capture ?? environment['TIDEGATE_CAPTURE'] ?? '/opt/ml/processing/input/capture',
    thresholds: values.thresholds ?? environment['TIDEGATE_THRESHOLDS'] ?? '{}',
    schema: values.schema ?? environment['TIDEGATE_SCHEMA'],
    labels: values.labels ?? environment['TIDEGATE_LABELS'],
    evaluation: values.evaluation ?? environment['TIDEGATE_EVALUATION'],
    output: values.output ?? environment['TIDEGATE_OUTPUT'] ?? '/opt/ml/processing/output',
  };
}

async function settingsFrom(thresholds: string): Promise<Thresholds> {
  const text = thresholds.trimStart().startsWith('{') ? thresholds : await readFile(thresholds, 'utf8');
  try {
    return JSON.parse(text) as Thresholds;
  } catch (cause) {
    throw new UserError(`thresholds are not JSON (${(cause as Error).message})`, {}, { cause });
  }
}

async function main(): Promise<void> {
  const { mode, baseline, capture, thresholds, schema, labels, evaluation, output } = given(
    process.argv.slice(2),
    process.env,
  );
  if ((labels === undefined) !== (evaluation === undefined)) {
    throw new UserError(
      'labels and evaluation are given together: what is true now, and what it is compared with',
    );
  }
  const threads = availableParallelism();
  if (mode === 'baseline') {
    const profile = await analyseBaseline({ baseline, output, schema, threads });
    console.log(`baseline: ${profile.rows} rows, ${profile.columns.length} columns`);
  } else if (mode === 'check') {
    const { performance, ...settings } = await settingsFrom(thresholds);
    const paths = { baseline, current: capture, output, schema, threads };
    console.log(driftSummary(await analyseDrift(paths, settings)));
    if (labels === undefined || evaluation === undefined) return;
    const truth = { current: capture, labels, evaluation, output };
    console.log(performanceSummary(await analysePerformance(truth, performance)));
  } else {
    throw new UserError(`there is no mode "${mode}"\n${USAGE}`);
  }
}

async function run(): Promise<void> {
  try {
    await main();
  } catch (error) {
    const message = error instanceof UserError ? error.message : (error as Error).stack;
    console.error(message);
    // SageMaker shows the first kilobyte of this file as the job's ExitMessage; elsewhere there is no such folder.
    await writeFile('/opt/ml/output/message', String(message)).catch(() => {});
    process.exitCode = 1;
  }
}

// Bundled into one file, this is the program of the profiling threads too.
if (isMainThread) await run();
