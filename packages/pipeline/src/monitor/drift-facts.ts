import type { DriftReport } from '@tidegate/stats';
import type { Quorum } from './windows.ts';

/** `drift` once enough windows agree; a single one of them is a warning until then. */
export type DriftWord = 'none' | 'warn' | 'drift' | 'inconclusive';

/** Everything a reader needs in order to believe a verdict. */
export type DriftFacts = {
  verdict: DriftWord;
  reason: string;
  endpoint: string;
  endpointConfig: string;
  window: { from: number; to: number };
  quorum: Quorum & { drifted: number; looked: number };
  /** Undefined where there was no traffic to compare. */
  report: DriftReport | undefined;
};

/** JSON has no NaN: what the analyser could not measure arrives as null. */
export function parseReport(json: string): DriftReport {
  const { version: _, ...report } = JSON.parse(json) as DriftReport & { version: number };
  const measured = (value: number | null) => value ?? Number.NaN;
  return {
    ...report,
    features: report.features.map((feature) => ({
      ...feature,
      value: measured(feature.value),
      bound: measured(feature.bound),
      pValue: measured(feature.pValue),
      adjustedPValue: measured(feature.adjustedPValue),
    })),
  };
}

export function driftedFeatures({ report }: Pick<DriftFacts, 'report'>): string[] {
  return (report?.features ?? []).filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
}
