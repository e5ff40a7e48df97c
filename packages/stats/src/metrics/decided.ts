import type { Evaluator, Scored } from './scored.ts';

/** Weighted counts of the four outcomes of a decision. */
export type Confusion = {
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
};

/** A metric of the decisions `score ≥ threshold`. */
export function decided(
  { labels, scores }: Scored,
  threshold: number,
  metric: (confusion: Confusion) => number,
): Evaluator {
  const outcomes = Uint8Array.from(labels, (label, i) => (scores[i]! >= threshold ? 2 : 0) + label);
  return (weights) => {
    const counts = new Float64Array(4);
    for (let i = 0; i < outcomes.length; i++) counts[outcomes[i]!]! += weights[i]!;
    return metric({
      truePositive: counts[3]!,
      falsePositive: counts[2]!,
      falseNegative: counts[1]!,
      trueNegative: counts[0]!,
    });
  };
}

export function accuracy(c: Confusion): number {
  return (c.truePositive + c.trueNegative) / totalOf(c);
}

/** NaN, not 0, when nothing is predicted positive: there is nothing to be precise about. */
export function precision(c: Confusion): number {
  return c.truePositive / (c.truePositive + c.falsePositive);
}

/** NaN without positives. */
export function recall(c: Confusion): number {
  return c.truePositive / (c.truePositive + c.falseNegative);
}

/** NaN without negatives. */
export function specificity(c: Confusion): number {
  return c.trueNegative / (c.trueNegative + c.falsePositive);
}

/** (1 + β²) tp / ((1 + β²) tp + β² fn + fp); NaN when there are neither positives nor predictions of them. */
export function fBeta(beta: number): (c: Confusion) => number {
  const square = beta * beta;
  return (c) => {
    const hits = (1 + square) * c.truePositive;
    return hits / (hits + square * c.falseNegative + c.falsePositive);
  };
}

export function balancedAccuracy(c: Confusion): number {
  return (recall(c) + specificity(c)) / 2;
}

/** Matthews' correlation; 0 when one side is constant, as scikit-learn defines it. */
export function matthews(c: Confusion): number {
  const { truePositive: tp, falsePositive: fp, trueNegative: tn, falseNegative: fn } = c;
  const product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
  return product === 0 ? 0 : (tp * tn - fp * fn) / Math.sqrt(product);
}

function totalOf(c: Confusion): number {
  return c.truePositive + c.falsePositive + c.trueNegative + c.falseNegative;
}
