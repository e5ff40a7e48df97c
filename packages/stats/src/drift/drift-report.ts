import type { Histogram } from './evidence.ts';
import type { Measure } from './settings.ts';

export type DriftVerdict = 'none' | 'warn' | 'fail' | 'inconclusive';

/** A category that only one side has, with its share of that side's values. */
export type OneSided = { name: string; share: number };

/** The baseline's range, and the share of the current values outside of it: at least `outside`, at most `bound` more. */
export type RangeViolation = { least: number; most: number; outside: number; bound: number };

export type FeatureDrift = {
  name: string;
  /** A prediction is what the model answered, not what it was asked. */
  role: 'feature' | 'prediction';
  kind: 'numeric' | 'categorical';
  /** What was measured: the one asked for, or total-variation where texts have no order. */
  measure: Measure;
  /** NaN when it could not be measured. For chi-squared Cramér's V; for wasserstein in the baseline's standard deviations. */
  value: number;
  /** By how much `value` may be off because a sketch holds buckets, not values; 0 = exact. */
  bound: number;
  /** That both are one distribution: Kolmogorov–Smirnov for ks and wasserstein, chi-squared for the others. */
  pValue: number;
  /** Adjusted over all features for the false discovery rate. */
  adjustedPValue: number;
  warn: number;
  fail: number;
  verdict: DriftVerdict;
  /** Why, in a sentence. */
  reason: string;
  /** Values compared. */
  samples: { baseline: number; current: number };
  /** Shares of the rows that hold no usable value: missing, infinite, or a text where numbers are expected. */
  unusable: { baseline: number; current: number };
  /** Of numbers. */
  range?: RangeViolation;
  /** Categories that only one side has, most frequent first, at most twenty. */
  appeared: OneSided[];
  vanished: OneSided[];
  baseline: Histogram;
  current: Histogram;
};

export type DriftReport = {
  verdict: DriftVerdict;
  rows: { baseline: number; current: number };
  /** Columns that only the current data have. */
  extra: string[];
  /** Strongest effect (value / fail) first. */
  features: FeatureDrift[];
};
