import type { LabelCounts } from './join-labels.ts';

export type PerformanceVerdict = 'pass' | 'warn' | 'fail' | 'inconclusive';

/** A value with its interval; both ends are the value where it is taken for exact, because nothing else is known. */
export type Known = { value: number; low: number; high: number };

export type MetricDrift = {
  metric: string;
  greaterIsBetter: boolean;
  baseline: Known;
  current: Known;
  /** By how much the current value is worse; below 0 where it is better. */
  worse: Known;
  warn: number;
  fail: number;
  verdict: PerformanceVerdict;
  /** Why, in a sentence. */
  reason: string;
};

export type PerformanceReport = {
  verdict: PerformanceVerdict;
  /** Rows with labels; null for a baseline of which only metrics are known. */
  rows: { baseline: number | null; current: number };
  /** Of all metrics together: each one's interval is the wider the more there are (Bonferroni). */
  confidence: number;
  labels: LabelCounts;
  metrics: MetricDrift[];
};
