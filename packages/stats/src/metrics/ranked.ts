import { orderOf } from '../math/order.ts';
import type { Evaluator, Scored } from './scored.ts';

/** Where runs of equal scores end in the sorted order, exclusive. */
function tieEnds(scores: Float64Array, order: Uint32Array): Uint8Array {
  const ends = new Uint8Array(order.length);
  for (let i = 0; i < order.length; i++) {
    ends[i] = i + 1 === order.length || scores[order[i]!] !== scores[order[i + 1]!] ? 1 : 0;
  }
  return ends;
}

/**
 * The area under the ROC curve: the share of pairs of a 1 and a 0 that the scores put in order, ties by half
 * (sklearn.metrics.roc_auc_score). NaN with one class only.
 */
export function rocAuc({ labels, scores }: Scored): Evaluator {
  const order = orderOf(scores);
  const ends = tieEnds(scores, order);
  const isOne = Uint8Array.from(order, (row) => labels[row]!);
  return (weights) => {
    let ones = 0;
    let zeros = 0;
    let pairs = 0;
    let tiedOnes = 0;
    let tiedZeros = 0;
    for (let i = 0; i < order.length; i++) {
      const weight = weights[order[i]!]!;
      if (isOne[i] === 1) tiedOnes += weight;
      else tiedZeros += weight;
      if (ends[i] === 0) continue;
      pairs += tiedOnes * (zeros + tiedZeros / 2);
      ones += tiedOnes;
      zeros += tiedZeros;
      tiedOnes = 0;
      tiedZeros = 0;
    }
    return pairs / (ones * zeros);
  };
}

/** Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds from the highest (sklearn.metrics.average_precision_score). NaN without a 1. */
export function averagePrecision({ labels, scores }: Scored): Evaluator {
  const order = orderOf(scores).toReversed();
  const ends = tieEnds(scores, order);
  const isOne = Uint8Array.from(order, (row) => labels[row]!);
  return (weights) => {
    let hits = 0;
    let seen = 0;
    let tiedHits = 0;
    let area = 0;
    for (let i = 0; i < order.length; i++) {
      const weight = weights[order[i]!]!;
      seen += weight;
      if (isOne[i] === 1) tiedHits += weight;
      if (ends[i] === 0) continue;
      hits += tiedHits;
      if (tiedHits > 0) area += tiedHits * (hits / seen);
      tiedHits = 0;
    }
    return area / hits;
  };
}
