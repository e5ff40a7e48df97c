import { UserError } from '../user-error.ts';
import {
  absolutePercentage,
  calibrationError,
  logLoss,
  maxError,
  meanLoss,
  pinballLoss,
  r2,
} from './averaged.ts';
import {
  accuracy,
  balancedAccuracy,
  decided,
  fBeta,
  matthews,
  precision,
  recall,
  specificity,
} from './decided.ts';
import type { Confusion } from './decided.ts';
import { averagePrecision, rocAuc } from './ranked.ts';
import { checkBinary, checkProbabilities, checkScored, unitWeights } from './scored.ts';
import type { Evaluator, Scored } from './scored.ts';

export type MetricOptions = {
  /** A score at or above is the decision 1; 0.5 when absent. */
  threshold?: number | undefined;
  /** For pinball; 0.5 when absent. */
  quantile?: number | undefined;
};

type Needs = 'numbers' | 'classes' | 'probabilities';
type Metric = {
  greaterIsBetter: boolean;
  needs: Needs;
  of: (scored: Scored, options: MetricOptions) => Evaluator;
};

const METRICS = {
  'roc-auc': { greaterIsBetter: true, needs: 'classes', of: rocAuc },
  'average-precision': { greaterIsBetter: true, needs: 'classes', of: averagePrecision },
  'log-loss': { greaterIsBetter: false, needs: 'probabilities', of: (rows) => meanLoss(rows, logLoss) },
  brier: { greaterIsBetter: false, needs: 'probabilities', of: (rows) => meanLoss(rows, squared) },
  'calibration-error': { greaterIsBetter: false, needs: 'probabilities', of: calibrationError },
  accuracy: decision(accuracy),
  precision: decision(precision),
  recall: decision(recall),
  specificity: decision(specificity),
  f1: decision(fBeta(1)),
  'f0.5': decision(fBeta(0.5)),
  f2: decision(fBeta(2)),
  'balanced-accuracy': decision(balancedAccuracy),
  matthews: decision(matthews),
  mae: { greaterIsBetter: false, needs: 'numbers', of: (rows) => meanLoss(rows, (y, x) => Math.abs(y - x)) },
  mse: { greaterIsBetter: false, needs: 'numbers', of: (rows) => meanLoss(rows, squared) },
  rmse: { greaterIsBetter: false, needs: 'numbers', of: (rows) => rootOf(meanLoss(rows, squared)) },
  rmsle: { greaterIsBetter: false, needs: 'numbers', of: (rows) => rootOf(meanLoss(rows, squaredLog)) },
  mape: { greaterIsBetter: false, needs: 'numbers', of: (rows) => meanLoss(rows, absolutePercentage) },
  bias: { greaterIsBetter: false, needs: 'numbers', of: (rows) => absolute(meanLoss(rows, (y, x) => x - y)) },
  pinball: {
    greaterIsBetter: false,
    needs: 'numbers',
    of: (rows, options) => meanLoss(rows, pinballLoss(options.quantile ?? 0.5)),
  },
  r2: { greaterIsBetter: true, needs: 'numbers', of: r2 },
  'max-error': { greaterIsBetter: false, needs: 'numbers', of: maxError },
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export type MetricValue = {
  /** NaN when it is not defined on these rows, as the AUC of a single class: that passes no gate. */
  value: number;
  greaterIsBetter: boolean;
};

function decision(metric: (confusion: Confusion) => number): Metric {
  return {
    greaterIsBetter: true,
    needs: 'classes',
    of: (rows, options) => decided(rows, options.threshold ?? 0.5, metric),
  };
}

function squared(label: number, score: number): number {
  return (label - score) ** 2;
}

function squaredLog(label: number, score: number): number {
  return (Math.log1p(label) - Math.log1p(score)) ** 2;
}

function rootOf(mean: Evaluator): Evaluator {
  return (weights) => Math.sqrt(mean(weights));
}

function absolute(mean: Evaluator): Evaluator {
  return (weights) => Math.abs(mean(weights));
}

export function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/** @throws UserError naming the metrics there are */
export function metricOf(name: string): Metric {
  if (isMetric(name)) return METRICS[name];
  throw new UserError(`there is no metric "${name}"; there are: ${METRIC_NAMES.join(', ')}`);
}

/** Looks at the rows once, for many weightings of them. @throws UserError for rows the metric is not made for */
export function evaluator(name: string, rows: Scored, options: MetricOptions = {}): Evaluator {
  checkRows(name, rows);
  return metricOf(name).of(rows, options);
}

/** @throws UserError for rows (named by number) that the metric is not made for */
export function checkRows(name: string, rows: Scored): void {
  const { needs } = metricOf(name);
  checkScored(rows);
  if (needs !== 'numbers') checkBinary(rows.labels);
  if (needs === 'probabilities') checkProbabilities(rows.scores);
}

/**
 * The metrics of these rows, with scikit-learn's definitions.
 * @throws UserError for an unknown metric, and for rows (named by number) that a metric is not made for
 */
export function evaluateMetrics<Name extends string>(
  rows: Scored,
  names: readonly Name[],
  options: MetricOptions = {},
): Record<Name, MetricValue> {
  const weights = rows.weights ?? unitWeights(rows.labels.length);
  return Object.fromEntries(
    names.map((name) => {
      const value = evaluator(name, rows, options)(weights);
      return [name, { value, greaterIsBetter: metricOf(name).greaterIsBetter }];
    }),
  ) as Record<Name, MetricValue>;
}
