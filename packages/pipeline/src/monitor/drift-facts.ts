import type { Quorum } from './windows.ts';

export type DriftVerdictWord = 'none' | 'warn' | 'drift' | 'inconclusive';

/** One feature as the analyser reports it; what could not be measured is null. */
export type DriftedFeature = {
  name: string;
  measure: string;
  value: number | null;
  warn: number;
  fail: number;
  adjustedPValue: number | null;
  verdict: 'none' | 'warn' | 'fail' | 'inconclusive';
  reason: string;
  samples: { baseline: number; current: number };
  baseline: Histogram;
  current: Histogram;
};

type Histogram = { counts: number[]; edges?: number[]; labels?: string[] };

/** drift.json, as far as it is read here. */
export type AnalyserReport = {
  verdict: 'none' | 'warn' | 'fail' | 'inconclusive';
  rows: { baseline: number; current: number };
  features: DriftedFeature[];
};

/** Everything a reader needs in order to believe a verdict. */
export type DriftFacts = {
  verdict: DriftVerdictWord;
  reason: string;
  endpoint: string;
  endpointConfig: string;
  window: { from: number; to: number };
  samples: number;
  features: DriftedFeature[];
  quorum: Quorum & { drifted: number; looked: number };
};
