import { meanLoss } from '../metrics/averaged.ts';
import { decided } from '../metrics/decided.ts';
import type { Confusion } from '../metrics/decided.ts';
import { evaluateMetrics, evaluator, metricOf } from '../metrics/metrics.ts';
import type { MetricOptions, MetricValue } from '../metrics/metrics.ts';
import { unitWeights } from '../metrics/scored.ts';
import type { Evaluator, Scored } from '../metrics/scored.ts';
import { aucInterval } from './auc-interval.ts';
import { checkResampling, percentiles, resample } from './bootstrap.ts';
import type { ResamplingOptions } from './bootstrap.ts';
import { calibrationInterval } from './calibration-interval.ts';
import { NO_INTERVAL } from './interval.ts';
import type { Interval } from './interval.ts';
import { wilson } from './wilson.ts';

export type EstimateOptions = MetricOptions & ResamplingOptions;

/** A metric with its confidence interval. */
export type Estimate = MetricValue & Interval;

/** Fewer rows, or fewer of a class, bear no interval but Wilson's: what the others say of so few is not what they promise. */
const LEAST_ROWS = 50;
const LEAST_OF_A_CLASS = 20;

/**
 * The metrics of these rows, each with its interval: Wilson's for shares (accuracy, precision, recall, specificity), DeLong's for roc-auc,
 * simultaneous ones for calibration-error, none for max-error, and for all others the percentiles of a bootstrap.
 * @throws UserError as evaluateMetrics, and for settings that cannot be meant
 */
export function estimateMetrics<Name extends string>(
  given: Scored,
  names: readonly Name[],
  options: EstimateOptions = {},
): Record<Name, Estimate> {
  const isWeighted = given.weights?.some((weight) => weight !== 1) ?? false;
  const rows = isWeighted ? given : { labels: given.labels, scores: given.scores };
  const values = evaluateMetrics(rows, names, options);
  const resampling = checkResampling(options);
  const exact = new Map(names.map((name) => [name, withoutDrawing(name, rows, options)]));
  const open = names.filter((name) => exact.get(name) === undefined && Number.isFinite(values[name].value));
  const evaluators = open.map((name) => signedEvaluator(name, rows, options));
  const drawn = open.length === 0 ? [] : resample(evaluators, rows.labels.length, rows.weights, resampling);
  const intervalOf = (name: Name): Interval => {
    const draws = drawn[open.indexOf(name)];
    if (!draws || Number.isNaN(values[name].value)) return exact.get(name) ?? NO_INTERVAL;
    const found = percentiles(draws, resampling.confidence);
    if (Number.isNaN(found.low)) return NO_INTERVAL;
    return { ...(name === 'bias' ? folded(found) : found), method: 'bootstrap' };
  };
  const estimates = names.map((name) => [name, { ...values[name], ...intervalOf(name) }]);
  return Object.fromEntries(estimates) as Record<Name, Estimate>;
}

/** The counts of a share: its hits, and what it is of. */
const SHARES: Record<string, (c: Confusion) => [hits: number, of: number]> = {
  accuracy: ({ truePositive: tp, trueNegative: tn, falsePositive: fp, falseNegative: fn }) => [
    tp + tn,
    tp + tn + fp + fn,
  ],
  precision: ({ truePositive: tp, falsePositive: fp }) => [tp, tp + fp],
  recall: ({ truePositive: tp, falseNegative: fn }) => [tp, tp + fn],
  specificity: ({ trueNegative: tn, falsePositive: fp }) => [tn, tn + fp],
};

/** undefined where it takes a bootstrap, and there are enough rows for one. */
function withoutDrawing(name: string, rows: Scored, options: EstimateOptions): Interval | undefined {
  const { confidence = 0.95 } = options;
  const weights = rows.weights ?? unitWeights(rows.labels.length);
  const counts = Object.hasOwn(SHARES, name) ? SHARES[name] : undefined;
  if (counts) {
    const of = (i: 0 | 1): Evaluator => decided(rows, options.threshold ?? 0.5, (c) => counts(c)[i]);
    const total = of(1)(weights);
    if (!(total > 0)) return NO_INTERVAL;
    const effective = total ** 2 / of(1)(weights.map((weight) => weight ** 2));
    return { ...wilson(of(0)(weights) / total, effective, confidence), method: 'wilson' };
  }
  if (name === 'max-error' || rows.labels.length < LEAST_ROWS) return NO_INTERVAL;
  if (name === 'calibration-error') return calibrationInterval(rows, weights, confidence);
  const ones = rows.labels.reduce((sum, label) => sum + label, 0);
  const isClasses = metricOf(name).needs !== 'numbers';
  if (isClasses && Math.min(ones, rows.labels.length - ones) < LEAST_OF_A_CLASS) return NO_INTERVAL;
  return name === 'roc-auc' && !rows.weights ? aucInterval(rows, confidence) : undefined;
}

/** The bias is drawn with its sign: around 0 every draw of its magnitude would lie above it. */
function signedEvaluator(name: string, rows: Scored, options: MetricOptions): Evaluator {
  return name === 'bias' ? meanLoss(rows, (label, score) => score - label) : evaluator(name, rows, options);
}

function folded({ low, high }: { low: number; high: number }): { low: number; high: number } {
  const ends = [Math.abs(low), Math.abs(high)];
  return { low: low < 0 && high > 0 ? 0 : Math.min(...ends), high: Math.max(...ends) };
}
