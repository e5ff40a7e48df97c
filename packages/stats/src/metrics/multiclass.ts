import { UserError } from '../user-error.ts';
import { checkMatrix, columnAt } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { rocAuc } from './ranked.ts';
import { unitWeights } from './scored.ts';

/** Rows of one class each: its number from 0, and the probabilities given to all classes. */
export type Classified = { labels: Uint32Array; scores: Matrix; weights?: Float64Array | undefined };

type Seen = {
  labels: Uint32Array;
  scores: Matrix;
  weights: Float64Array;
  decided: Uint32Array;
  confusion: Float64Array[];
};
type PerClass = { truePositive: number; predicted: number; actual: number };

const METRICS = {
  accuracy: { greaterIsBetter: true, of: (seen) => hits(seen) / total(seen) },
  'balanced-accuracy': { greaterIsBetter: true, of: (seen) => mean(present(seen).map(recall)) },
  'precision-macro': { greaterIsBetter: true, of: (seen) => mean(known(seen).map(precision)) },
  'recall-macro': { greaterIsBetter: true, of: (seen) => mean(known(seen).map(recall)) },
  'f1-macro': { greaterIsBetter: true, of: (seen) => mean(known(seen).map(f1)) },
  'f1-weighted': {
    greaterIsBetter: true,
    of: (seen) => known(seen).reduce((sum, each) => sum + f1(each) * each.actual, 0) / total(seen),
  },
  matthews: { greaterIsBetter: true, of: matthews },
  'cohen-kappa': { greaterIsBetter: true, of: cohenKappa },
  'log-loss': { greaterIsBetter: false, of: logLoss },
  'roc-auc-macro': { greaterIsBetter: true, of: oneAgainstRest },
  'top-3-accuracy': { greaterIsBetter: true, of: (seen) => topAccuracy(seen, 3) },
} satisfies Record<string, { greaterIsBetter: boolean; of: (seen: Seen) => number }>;

export type MulticlassMetric = keyof typeof METRICS;
/**
 * The metrics of rows of several classes, with scikit-learn's definitions; a class that is never predicted has precision 0 in an average.
 * @throws UserError for shapes that differ, classes without a score, or values that are not finite
 */
export function evaluateMulticlass<Name extends MulticlassMetric>(
  { labels, scores, weights = unitWeights(labels.length) }: Classified,
  names: readonly Name[],
): Record<Name, { value: number; greaterIsBetter: boolean }> {
  if (labels.length === 0) throw new UserError('there are no rows to evaluate');
  checkMatrix('scores', scores, labels.length);
  const unknown = labels.findIndex((label) => label >= scores.columns);
  if (unknown >= 0) {
    throw new UserError(`the class is ${labels[unknown]!}; there are scores for ${scores.columns} classes`, {
      row: unknown + 1,
    });
  }
  const decided = labels.map((_, row) => highest(scores, row));
  const confusion = Array.from({ length: scores.columns }, () => new Float64Array(scores.columns));
  labels.forEach((label, row) => (confusion[label]![decided[row]!]! += weights[row]!));
  const seen: Seen = { labels, scores, weights, decided, confusion };
  return Object.fromEntries(
    names.map((name) => {
      const { of, greaterIsBetter } = METRICS[name];
      return [name, { value: of(seen), greaterIsBetter }];
    }),
  ) as Record<Name, { value: number; greaterIsBetter: boolean }>;
}

function highest({ columns, values }: Matrix, row: number): number {
  let best = 0;
  for (let i = 1; i < columns; i++) if (values[row * columns + i]! > values[row * columns + best]!) best = i;
  return best;
}

function perClass({ confusion }: Seen): PerClass[] {
  return confusion.map((row, i) => ({
    truePositive: row[i]!,
    actual: row.reduce((sum, count) => sum + count, 0),
    predicted: confusion.reduce((sum, other) => sum + other[i]!, 0),
  }));
}

/** The classes that occur, in truth or in decisions. */
function known(seen: Seen): PerClass[] {
  return perClass(seen).filter(({ actual, predicted }) => actual + predicted > 0);
}

function present(seen: Seen): PerClass[] {
  return perClass(seen).filter(({ actual }) => actual > 0);
}

function precision({ truePositive, predicted }: PerClass): number {
  return predicted === 0 ? 0 : truePositive / predicted;
}

function recall({ truePositive, actual }: PerClass): number {
  return actual === 0 ? 0 : truePositive / actual;
}

function f1({ truePositive, predicted, actual }: PerClass): number {
  return predicted + actual === 0 ? 0 : (2 * truePositive) / (predicted + actual);
}

function hits({ confusion }: Seen): number {
  return confusion.reduce((sum, row, i) => sum + row[i]!, 0);
}

function total({ weights }: Seen): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Gorodkin's R_K (2004); 0 when one side is constant. */
function matthews(seen: Seen): number {
  const classes = perClass(seen);
  const n = total(seen);
  const both = classes.reduce((sum, { actual, predicted }) => sum + actual * predicted, 0);
  const ofActual = n * n - classes.reduce((sum, { actual }) => sum + actual ** 2, 0);
  const ofPredicted = n * n - classes.reduce((sum, { predicted }) => sum + predicted ** 2, 0);
  return ofActual * ofPredicted === 0 ? 0 : (hits(seen) * n - both) / Math.sqrt(ofActual * ofPredicted);
}

function cohenKappa(seen: Seen): number {
  const n = total(seen);
  const expected = perClass(seen).reduce((sum, each) => sum + (each.actual / n) * (each.predicted / n), 0);
  return (hits(seen) / n - expected) / (1 - expected);
}

function logLoss({ labels, scores, weights }: Seen): number {
  const { columns, values } = scores;
  let sum = 0;
  let all = 0;
  labels.forEach((label, row) => {
    const row_ = values.subarray(row * columns, (row + 1) * columns);
    const whole = row_.reduce((part, value) => part + value, 0);
    const share = Math.min(1 - 2 ** -52, Math.max(2 ** -52, row_[label]! / whole));
    sum -= weights[row]! * Math.log(share);
    all += weights[row]!;
  });
  return sum / all;
}

/** The mean of each class's AUC against all others (roc_auc_score, multi_class='ovr'). NaN when a class does not occur. */
function oneAgainstRest({ labels, scores, weights }: Seen): number {
  const areas = Array.from({ length: scores.columns }, (_, i) =>
    rocAuc({
      labels: Float64Array.from(labels, (label) => (label === i ? 1 : 0)),
      scores: columnAt(scores, i),
    })(weights),
  );
  return mean(areas);
}

/** Ties count as scikit-learn counts them: the later class ranks higher. */
function topAccuracy({ labels, scores, weights }: Seen, k: number): number {
  const { columns, values } = scores;
  let inTop = 0;
  labels.forEach((label, row) => {
    const own = values[row * columns + label]!;
    let above = 0;
    for (let i = 0; i < columns; i++) {
      const score = values[row * columns + i]!;
      if (score > own || (score === own && i > label)) above++;
    }
    if (above < k) inTop += weights[row]!;
  });
  return inTop / weights.reduce((sum, weight) => sum + weight, 0);
}
