import { estimateMetrics } from '../intervals/estimate.ts';
import type { EstimateOptions } from '../intervals/estimate.ts';
import { normalQuantile } from '../math/normal.ts';
import { isMetric } from '../metrics/metrics.ts';
import type { MetricName } from '../metrics/metrics.ts';
import type { Scored } from '../metrics/scored.ts';
import { UserError } from '../user-error.ts';

/** How SageMaker's ModelQuality report calls a metric of ours, where it is not the same with underscores. */
const NAMES: Partial<Record<MetricName, string>> = { 'roc-auc': 'auc', 'f0.5': 'f0_5' };

const CLASSIFICATION = [
  'roc-auc',
  'accuracy',
  'precision',
  'recall',
  'f0.5',
  'f1',
  'f2',
  'log-loss',
  'brier',
] as const;
const REGRESSION = ['mae', 'mse', 'rmse', 'r2'] as const;

function theirName(name: MetricName): string {
  return NAMES[name] ?? name.replaceAll('-', '_');
}

/** Metrics as Model Monitor's model quality monitor writes them, and Studio draws them. What is not known is "NaN". */
export type ModelQuality = Record<
  string,
  Record<string, { value: number | string; standard_deviation: number | string }>
>;

/** What a registry keeps of a version's quality; deviations are those of normal errors with the same intervals. */
export function modelQualityStatistics(rows: Scored, options: EstimateOptions = {}): ModelQuality {
  const binary = rows.labels.every((label) => label === 0 || label === 1);
  const probable = rows.scores.every((score) => score >= 0 && score <= 1);
  const names = binary && probable ? CLASSIFICATION : REGRESSION;
  const z = -normalQuantile((1 - (options.confidence ?? 0.95)) / 2);
  const known = Object.entries(estimateMetrics(rows, names, options)).map(([name, { value, low, high }]) => [
    theirName(name as MetricName),
    { value: finite(value), standard_deviation: finite((high - low) / (2 * z)) },
  ]);
  return {
    [names === CLASSIFICATION ? 'binary_classification_metrics' : 'regression_metrics']:
      Object.fromEntries(known),
  };
}

function finite(value: number): number | string {
  return Number.isFinite(value) ? value : 'NaN';
}

/** A metric as a file gives it; `deviation` is NaN where it says none. */
export type ReportedMetric = { value: number; deviation: number };

/**
 * The metrics in such a file, or in a map like `{"roc-auc": 0.69}`, by our names.
 * @throws UserError when there is none that we know
 */
export function metricsFromQuality(json: unknown, file?: string): Map<MetricName, ReportedMetric> {
  const { binary_classification_metrics: binary, regression_metrics: regression } = (json ?? {}) as Record<
    string,
    unknown
  >;
  const found = new Map<MetricName, ReportedMetric>();
  for (const [theirs, metric] of Object.entries(binary ?? regression ?? json ?? {})) {
    const name = nameOf(theirs);
    const { value, standard_deviation: deviation } = (
      typeof metric === 'object' && metric !== null ? metric : { value: metric }
    ) as Record<string, unknown>;
    if (name && typeof value === 'number') {
      found.set(name, { value, deviation: typeof deviation === 'number' ? deviation : Number.NaN });
    }
  }
  if (found.size > 0) return found;
  throw new UserError('holds no metric: a model quality report or a map like {"roc-auc": 0.69} is needed', {
    file,
  });
}

function nameOf(theirs: string): MetricName | undefined {
  const renamed = Object.entries(NAMES).find(([, name]) => name === theirs)?.[0];
  const name = renamed ?? theirs.replaceAll('_', '-');
  return isMetric(name) ? name : undefined;
}
