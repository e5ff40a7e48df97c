/** What one metric must satisfy; differences are in the metric's own unit and not negative. */
export type Threshold = {
  atLeast?: number;
  atMost?: number;
  /** For metrics where more is better. */
  notBelowLiveBy?: number;
  /** For metrics where less is better. */
  notAboveLiveBy?: number;
};

/** By metric, as @tidegate/stats names them (`roc-auc`, `log-loss`, `rmse`, …). */
export type Thresholds = Record<string, Threshold>;

export type SliceThresholds = {
  /** Columns of the predictions: every value of each is a slice. */
  by: string[];
  /** Smaller slices are shown and not judged. */
  minSamples: number;
  thresholds: Thresholds;
};

/** Everything the judge goes by. */
export type GateRules = {
  thresholds: Thresholds;
  slices: SliceThresholds | undefined;
  minSamples: number;
  /** Of the interval around a difference: 0.95. */
  confidence: number;
  resamples: number;
  seed: number;
  /** Lets a candidate pass that predicts exactly as its baseline does. */
  acceptIdentical: boolean;
};

/** As a reader of the manifest knows it: `≥ 0.66, not below live by 0.005`. */
export function describeThreshold(threshold: Threshold): string {
  const parts = [
    threshold.atLeast === undefined ? '' : `≥ ${threshold.atLeast}`,
    threshold.atMost === undefined ? '' : `≤ ${threshold.atMost}`,
    threshold.notBelowLiveBy === undefined ? '' : `not below live by ${threshold.notBelowLiveBy}`,
    threshold.notAboveLiveBy === undefined ? '' : `not above live by ${threshold.notAboveLiveBy}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

export function comparesWithLive(threshold: Threshold): boolean {
  return threshold.notBelowLiveBy !== undefined || threshold.notAboveLiveBy !== undefined;
}
