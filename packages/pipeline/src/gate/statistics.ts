import { evaluateMetrics, METRIC_NAMES } from '@tidegate/stats';
import type { Predictions } from './predictions.ts';

/** How SageMaker's ModelQuality report calls a metric of ours, where it is not the same with underscores. */
const NAMES: Record<string, string> = { 'roc-auc': 'auc', 'f0.5': 'f0_5' };

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

/**
 * What the registry keeps of a version's quality, in the shape that Studio draws (Model Monitor's model quality metrics).
 * Deviations are "NaN", as the monitor itself writes where it has not resampled.
 */
export function modelQualityStatistics({ labels, scores }: Predictions): object {
  const binary = labels.every((label) => label === 0 || label === 1);
  const probable = scores.every((score) => score >= 0 && score <= 1);
  const names = binary && probable ? CLASSIFICATION : REGRESSION;
  const known = names.filter((name) => METRIC_NAMES.includes(name));
  const values = Object.entries(evaluateMetrics({ labels, scores }, known)).map(([name, { value }]) => [
    NAMES[name] ?? name.replaceAll('-', '_'),
    { value: Number.isFinite(value) ? value : 'NaN', standard_deviation: 'NaN' },
  ]);
  return {
    [names === CLASSIFICATION ? 'binary_classification_metrics' : 'regression_metrics']:
      Object.fromEntries(values),
  };
}
