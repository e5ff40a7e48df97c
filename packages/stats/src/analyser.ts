// The program of a Processing job: profiles data, or compares captured traffic with a baseline, and leaves the results as files.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { analyseBaseline, analyseDrift, analyseShare } from './analyse.ts';
import { analysePerformance } from './analyse-performance.ts';
import type { PerformanceAnalysis } from './analyse-performance.ts';
import type { DriftSettings } from './drift/settings.ts';
import { driftSummary, performanceSummary } from './report/text.ts';
import { UserError } from './user-error.ts';

const USAGE = `analyser --mode check|baseline|profile --output FOLDER
  check     --baseline PATH --capture PATH [--thresholds JSON|FILE]   compares, and says what drifted
            [--schema FILE] [--labels PATH --evaluation FILE]         by given types; also what the model answered with the truth
  baseline  --baseline PATH [--schema FILE]                           statistics.json and constraints.json
  profile   --data PATH [--names FILE]                                HOST-FILES.profile.gz: a share, to be merged with others
Each may be given as TIDEGATE_MODE, TIDEGATE_BASELINE, … instead.`;

const DEFAULTS = {
  mode: 'check',
  baseline: '/opt/ml/processing/input/baseline',
  capture: '/opt/ml/processing/input/capture',
  data: '/opt/ml/processing/input/data',
  thresholds: '{}',
  names: '',
  schema: '',
  labels: '',
  evaluation: '',
  output: '/opt/ml/processing/output',
};

type Given = typeof DEFAULTS;
type Thresholds = DriftSettings & { performance?: PerformanceAnalysis };

function given(args: readonly string[], environment: NodeJS.ProcessEnv): Given {
  const names = Object.keys(DEFAULTS) as (keyof Given)[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const told = (name: keyof Given) => values[name] ?? environment[`TIDEGATE_${name.toUpperCase()}`];
  return Object.fromEntries(names.map((name) => [name, told(name) ?? DEFAULTS[name]])) as Given;
}

async function settingsFrom(thresholds: string): Promise<Thresholds> {
  const text = thresholds.trimStart().startsWith('{') ? thresholds : await readFile(thresholds, 'utf8');
  return json(text, 'thresholds') as Thresholds;
}

/** A file, because a job's arguments hold 256 characters each and a list of features may be longer. */
async function namesFrom(file: string): Promise<string[]> {
  return file === '' ? [] : (json(await readFile(file, 'utf8'), 'names') as string[]);
}

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${what} are not JSON (${(cause as Error).message})`, {}, { cause });
  }
}

/** What SageMaker tells a container, and hears from it, lies here. */
const platform = process.env['SAGEMAKER_BASE_DIR'] ?? '/opt/ml';

/** `algo-1`, `algo-2`, … among the instances of a job. */
async function hostName(): Promise<string> {
  const text = await readFile(join(platform, 'config/resourceconfig.json'), 'utf8').catch(() => '{}');
  return (json(text, 'resources') as { current_host?: string }).current_host ?? 'all';
}

async function main(): Promise<void> {
  const { mode, baseline, capture, data, thresholds, names, labels, evaluation, output, ...optional } = given(
    process.argv.slice(2),
    process.env,
  );
  if ((labels === '') !== (evaluation === ''))
    throw new UserError(
      'labels and evaluation are given together: what is true now, and what it is compared with',
    );
  const schema = optional.schema === '' ? undefined : optional.schema;
  const threads = availableParallelism();
  if (mode === 'profile') {
    const share = { host: await hostName(), names: await namesFrom(names) };
    const { profile, file } = await analyseShare({ data, output, threads }, share);
    console.log(`${file}: ${profile.rows} rows, ${profile.columns.length} columns`);
  } else if (mode === 'baseline') {
    const { rows, columns } = await analyseBaseline({ baseline, output, schema, threads });
    console.log(`baseline: ${rows} rows, ${columns.length} columns`);
  } else if (mode === 'check') {
    const { performance, ...settings } = await settingsFrom(thresholds);
    const paths = { baseline, current: capture, output, schema, threads };
    console.log(driftSummary(await analyseDrift(paths, settings)));
    if (labels === '') return;
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
    await writeFile(join(platform, 'output/message'), String(message)).catch(() => {});
    process.exitCode = 1;
  }
}

// Bundled into one file, this is also the library of whoever imports it, and the program of the profiling threads.
const isProgram = basename(process.argv[1] ?? '') === basename(fileURLToPath(import.meta.url));
if (isProgram && isMainThread) await run();
