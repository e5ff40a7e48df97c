import { filesIn, sourcesOf, writeResults } from './analysis-files.ts';
import { readEvaluation } from './performance/evaluation-baseline.ts';
import { performanceDrift } from './performance/performance.ts';
import type { PerformanceSettings } from './performance/performance.ts';
import type { PerformanceReport } from './performance/performance-report.ts';
import { readJoined } from './performance/read-joined.ts';
import { readable } from './results.ts';

export type PerformancePaths = {
  /** A file or a folder of captures, or of rows with an id and a prediction. */
  current: string;
  /** A file or a folder of Model Monitor's ground-truth lines, or of rows with an id and a label. */
  labels: string;
  /** What the model's evaluation left: predictions with their labels, or its metrics as .json. */
  evaluation: string;
  /** A folder, made when it is not there. */
  output: string;
};

export type PerformanceAnalysis = PerformanceSettings & {
  /** How long labels may take, in seconds. */
  labelDelaySeconds?: number | undefined;
  /** Columns of rows: "eventId", "label" and "prediction" when absent. */
  id?: string | undefined;
  label?: string | undefined;
  prediction?: string | undefined;
};

/** Compares what the model answered, as far as the truth is known, with its evaluation; writes performance.json. @throws UserError */
export async function analysePerformance(
  { current, labels, evaluation, output }: PerformancePaths,
  { labelDelaySeconds, id, label, prediction, ...settings }: PerformanceAnalysis = {},
): Promise<PerformanceReport> {
  const baseline = await readEvaluation({ file: evaluation }, { label, prediction });
  const joined = await readJoined(sourcesOf(await filesIn(current)), sourcesOf(await filesIn(labels)), {
    answers: { id, prediction },
    labels: { id, label },
    labelDelaySeconds,
  });
  const report = performanceDrift(joined, baseline, settings);
  await writeResults(output, { 'performance.json': readable({ version: 1, ...report }) });
  return report;
}
