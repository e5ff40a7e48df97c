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

/** The rows' weights in the sorted order, in `into`: one function for each kind of array, as a loop over both would be slow. */
function inOrder(weights: ArrayLike<number>, order: Uint32Array, into: Float64Array): void {
  if (weights instanceof Uint8Array) countsInOrder(weights, order, into);
  else weightsInOrder(weights, order, into);
}

function countsInOrder(counts: Uint8Array, order: Uint32Array, into: Float64Array): void {
  for (let i = 0; i < order.length; i++) into[i] = counts[order[i]!]!;
}

function weightsInOrder(weights: ArrayLike<number>, order: Uint32Array, into: Float64Array): void {
  for (let i = 0; i < order.length; i++) into[i] = weights[order[i]!]!;
}

/**
 * The area under the ROC curve: the share of pairs of a 1 and a 0 that the scores put in order, ties by half
 * (sklearn.metrics.roc_auc_score). NaN with one class only.
 */
export function rocAuc({ labels, scores }: Scored): Evaluator {
  const order = orderOf(scores);
  const ends = tieEnds(scores, order);
  const isOne = Float64Array.from(order, (row) => labels[row]!);
  const sorted = new Float64Array(order.length);
  const area = ends.includes(0) ? areaWithTies : areaWithoutTies;
  return (weights) => {
    inOrder(weights, order, sorted);
    return area(sorted, isOne, ends);
  };
}

// Labels come as if by chance, and a processor that guesses wrong loses twenty steps: they are multiplied, not branched on.

function areaWithoutTies(sorted: Float64Array, isOne: Float64Array): number {
  let ones = 0;
  let zeros = 0;
  let pairs = 0;
  for (let i = 0; i < sorted.length; i++) {
    const weight = sorted[i]!;
    const own = weight * isOne[i]!;
    pairs += own * zeros;
    ones += own;
    zeros += weight - own;
  }
  return pairs / (ones * zeros);
}

function areaWithTies(sorted: Float64Array, isOne: Float64Array, ends: Uint8Array): number {
  let ones = 0;
  let zeros = 0;
  let pairs = 0;
  let tiedOnes = 0;
  let tiedZeros = 0;
  for (let i = 0; i < sorted.length; i++) {
    const weight = sorted[i]!;
    const own = weight * isOne[i]!;
    tiedOnes += own;
    tiedZeros += weight - own;
    if (ends[i] === 0) continue;
    pairs += tiedOnes * (zeros + tiedZeros / 2);
    ones += tiedOnes;
    zeros += tiedZeros;
    tiedOnes = 0;
    tiedZeros = 0;
  }
  return pairs / (ones * zeros);
}

/** Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds from the highest (sklearn.metrics.average_precision_score). NaN without a 1. */
export function averagePrecision({ labels, scores }: Scored): Evaluator {
  const order = orderOf(scores).toReversed();
  const ends = tieEnds(scores, order);
  const isOne = Uint8Array.from(order, (row) => labels[row]!);
  const sorted = new Float64Array(order.length);
  return (weights) => {
    inOrder(weights, order, sorted);
    let hits = 0;
    let seen = 0;
    let tiedHits = 0;
    let area = 0;
    for (let i = 0; i < sorted.length; i++) {
      const weight = sorted[i]!;
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
