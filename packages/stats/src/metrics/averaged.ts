import type { Evaluator, Scored } from './scored.ts';

/** The weighted mean of one number a row. */
function meanOfRows(perRow: Float64Array): Evaluator {
  return (weights) => {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < perRow.length; i++) {
      const weight = weights[i]!;
      sum += weight * perRow[i]!;
      total += weight;
    }
    return sum / total;
  };
}

/** The mean of `loss(label, score)` over the rows. */
export function meanLoss(
  { labels, scores }: Scored,
  loss: (label: number, score: number) => number,
): Evaluator {
  return meanOfRows(Float64Array.from(labels, (label, i) => loss(label, scores[i]!)));
}

const EPSILON = 2 ** -52;

/** −ln of the probability given to what was true, kept 2^−52 away from 0 and 1 (sklearn.metrics.log_loss). */
export function logLoss(label: number, score: number): number {
  const probability = Math.min(1 - EPSILON, Math.max(EPSILON, score));
  return label === 1 ? -Math.log(probability) : -Math.log(1 - probability);
}

/** The quantile loss of `score` as the `quantile` of the label (sklearn.metrics.mean_pinball_loss). */
export function pinballLoss(quantile: number): (label: number, score: number) => number {
  return (label, score) => (label >= score ? quantile * (label - score) : (1 - quantile) * (score - label));
}

/** |y − ŷ| / max(|y|, 2^−52) (sklearn.metrics.mean_absolute_percentage_error: a share, not a percentage). */
export function absolutePercentage(label: number, score: number): number {
  return Math.abs(label - score) / Math.max(Math.abs(label), EPSILON);
}

/** 1 − Σ(y − ŷ)² / Σ(y − ȳ)² (sklearn.metrics.r2_score); NaN where the labels are constant. */
export function r2({ labels, scores }: Scored): Evaluator {
  const meanLabel = meanOfRows(labels);
  return (weights) => {
    const mean = meanLabel(weights);
    let residual = 0;
    let total = 0;
    for (let i = 0; i < labels.length; i++) {
      residual += weights[i]! * (labels[i]! - scores[i]!) ** 2;
      total += weights[i]! * (labels[i]! - mean) ** 2;
    }
    return total === 0 ? Number.NaN : 1 - residual / total;
  };
}

/** The largest |y − ŷ| among rows that count (sklearn.metrics.max_error). */
export function maxError({ labels, scores }: Scored): Evaluator {
  const errors = Float64Array.from(labels, (label, i) => Math.abs(label - scores[i]!));
  return (weights) => errors.reduce((most, error, i) => (weights[i]! > 0 ? Math.max(most, error) : most), 0);
}

/**
 * Expected calibration error over ten equal widths of probability: Σ share · |mean score − share of 1s| (Naeini et al. 2015).
 */
export function calibrationError({ labels, scores }: Scored): Evaluator {
  const bins = binsOf(scores);
  return (weights) => {
    const gaps = new Float64Array(BINS);
    let total = 0;
    for (let i = 0; i < bins.length; i++) {
      gaps[bins[i]!]! += weights[i]! * (scores[i]! - labels[i]!);
      total += weights[i]!;
    }
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
  };
}

const BINS = 10;

function binsOf(scores: Float64Array): Uint8Array {
  return Uint8Array.from(scores, (score) => Math.min(BINS - 1, Math.floor(score * BINS)));
}

/** A bin of probabilities: Σw and Σw² of its rows, their mean score and share of 1s. */
export type CalibrationBin = { weight: number; squares: number; score: number; share: number };

/** The bins behind the expected calibration error, from the least probability. */
export function calibrationBins({ labels, scores }: Scored, weights: ArrayLike<number>): CalibrationBin[] {
  const bins = Array.from({ length: BINS }, () => ({ weight: 0, squares: 0, score: 0, share: 0 }));
  binsOf(scores).forEach((at, row) => {
    const bin = bins[at]!;
    const weight = weights[row]!;
    bin.weight += weight;
    bin.squares += weight ** 2;
    bin.score += weight * scores[row]!;
    bin.share += weight * labels[row]!;
  });
  return bins.map((bin) => ({ ...bin, score: bin.score / bin.weight, share: bin.share / bin.weight }));
}
