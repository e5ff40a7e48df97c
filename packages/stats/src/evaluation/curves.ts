import { orderOf } from '../math/order.ts';
import { wilson } from '../intervals/wilson.ts';
import { calibrationBins } from '../metrics/averaged.ts';
import { unitWeights } from '../metrics/scored.ts';
import type { Scored } from '../metrics/scored.ts';

/** How a model's probabilities order the classes, and whether they are kept. */
export type Curves = {
  roc: { falsePositiveRate: number; truePositiveRate: number }[];
  /** Bins that hold rows: their mean probability, and the share of 1s among them with its interval. */
  calibration: { score: number; share: number; low: number; high: number; rows: number }[];
};

const POINTS = 200;

export function curvesOf(rows: Scored, confidence: number): Curves {
  const weights = rows.weights ?? unitWeights(rows.labels.length);
  const bins = calibrationBins(rows, weights).filter(({ weight }) => weight > 0);
  return {
    roc: rocOf(rows, weights),
    calibration: bins.map(({ score, share, weight, squares }) => ({
      score,
      share,
      ...wilson(share, weight ** 2 / squares, confidence),
      rows: weight,
    })),
  };
}

/** The rates above every threshold, thinned to some hundred points. */
function rocOf({ labels, scores }: Scored, weights: Float64Array): Curves['roc'] {
  const order = orderOf(scores).toReversed();
  const sum = (of: 0 | 1): number =>
    labels.reduce((all, label, row) => all + (label === of ? weights[row]! : 0), 0);
  const [zeros, ones] = [sum(0), sum(1)];
  const points = [{ falsePositiveRate: 0, truePositiveRate: 0 }];
  let [above0, above1] = [0, 0];
  order.forEach((row, i) => {
    if (labels[row] === 1) above1 += weights[row]!;
    else above0 += weights[row]!;
    const next = order[i + 1];
    if (next !== undefined && scores[next] === scores[row]) return;
    const point = { falsePositiveRate: above0 / zeros, truePositiveRate: above1 / ones };
    const last = points.at(-1)!;
    const moved =
      point.falsePositiveRate - last.falsePositiveRate + (point.truePositiveRate - last.truePositiveRate);
    if (moved >= 2 / POINTS || next === undefined) points.push(point);
  });
  return points;
}
