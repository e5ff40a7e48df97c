import { UserError } from '../user-error.ts';
import { checkMatrix, columnAt, rowsOf } from './matrix.ts';
import type { Matrix } from './matrix.ts';
import { averagePrecision, rocAuc } from './ranked.ts';
import { unitWeights } from './scored.ts';

/** Rows that may have any of several labels: 0 or 1 for each, and a score for each. */
export type Labelled = { labels: Matrix; scores: Matrix };

const METRICS = {
  'f1-micro': { greaterIsBetter: true, of: (rows, threshold) => micro(rows, threshold) },
  'f1-macro': { greaterIsBetter: true, of: (rows, threshold) => macro(rows, threshold) },
  'hamming-loss': { greaterIsBetter: false, of: hammingLoss },
  'subset-accuracy': { greaterIsBetter: true, of: subsetAccuracy },
  'roc-auc-macro': { greaterIsBetter: true, of: (rows) => meanOverLabels(rows, rocAuc) },
  'average-precision-macro': { greaterIsBetter: true, of: (rows) => meanOverLabels(rows, averagePrecision) },
  'label-ranking-precision': { greaterIsBetter: true, of: labelRankingPrecision },
} satisfies Record<string, { greaterIsBetter: boolean; of: (rows: Labelled, threshold: number) => number }>;

export type MultilabelMetric = keyof typeof METRICS;
/**
 * The metrics of rows with several labels, with scikit-learn's definitions.
 * @throws UserError for shapes that differ, labels other than 0 and 1, or values that are not finite
 */
export function evaluateMultilabel<Name extends MultilabelMetric>(
  rows: Labelled,
  names: readonly Name[],
  { threshold = 0.5 }: { threshold?: number } = {},
): Record<Name, { value: number; greaterIsBetter: boolean }> {
  const count = rowsOf(rows.labels);
  if (count === 0) throw new UserError('there are no rows to evaluate');
  checkMatrix('labels', rows.labels, count);
  checkMatrix('scores', rows.scores, count);
  if (rows.labels.columns !== rows.scores.columns) {
    throw new UserError(`there are ${rows.labels.columns} labels a row but ${rows.scores.columns} scores`);
  }
  const wrong = rows.labels.values.findIndex((label) => label !== 0 && label !== 1);
  if (wrong >= 0) throw new UserError(`a label is ${rows.labels.values[wrong]!}; 0 or 1 is needed`);
  return Object.fromEntries(
    names.map((name) => {
      const { of, greaterIsBetter } = METRICS[name];
      return [name, { value: of(rows, threshold), greaterIsBetter }];
    }),
  ) as Record<Name, { value: number; greaterIsBetter: boolean }>;
}

type Outcome = { hits: number; predicted: number; actual: number };

function outcomes({ labels, scores }: Labelled, threshold: number): Outcome[] {
  const made = Array.from({ length: labels.columns }, () => ({ hits: 0, predicted: 0, actual: 0 }));
  labels.values.forEach((label, i) => {
    const outcome = made[i % labels.columns]!;
    const decided = scores.values[i]! >= threshold ? 1 : 0;
    outcome.hits += label * decided;
    outcome.predicted += decided;
    outcome.actual += label;
  });
  return made;
}

function f1({ hits, predicted, actual }: Outcome): number {
  return predicted + actual === 0 ? 0 : (2 * hits) / (predicted + actual);
}

function micro(rows: Labelled, threshold: number): number {
  const sum = { hits: 0, predicted: 0, actual: 0 };
  for (const { hits, predicted, actual } of outcomes(rows, threshold)) {
    sum.hits += hits;
    sum.predicted += predicted;
    sum.actual += actual;
  }
  return f1(sum);
}

function macro(rows: Labelled, threshold: number): number {
  return outcomes(rows, threshold).reduce((sum, outcome) => sum + f1(outcome), 0) / rows.labels.columns;
}

function hammingLoss({ labels, scores }: Labelled, threshold: number): number {
  const wrong = labels.values.reduce(
    (sum, label, i) => sum + (label === (scores.values[i]! >= threshold ? 1 : 0) ? 0 : 1),
    0,
  );
  return wrong / labels.values.length;
}

function subsetAccuracy({ labels, scores }: Labelled, threshold: number): number {
  const rows = rowsOf(labels);
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const own = labels.values.subarray(row * labels.columns, (row + 1) * labels.columns);
    if (own.every((label, i) => label === (scores.values[row * labels.columns + i]! >= threshold ? 1 : 0)))
      right++;
  }
  return right / rows;
}

function meanOverLabels({ labels, scores }: Labelled, metric: typeof rocAuc): number {
  const weights = unitWeights(rowsOf(labels));
  let sum = 0;
  for (let i = 0; i < labels.columns; i++) {
    sum += metric({ labels: columnAt(labels, i), scores: columnAt(scores, i) })(weights);
  }
  return sum / labels.columns;
}

/** For each true label the share of true ones among the labels ranked as high (label_ranking_average_precision_score). */
function labelRankingPrecision({ labels, scores }: Labelled): number {
  const { columns } = labels;
  const rows = rowsOf(labels);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const own = labels.values.subarray(row * columns, (row + 1) * columns);
    const given = scores.values.subarray(row * columns, (row + 1) * columns);
    const actual = own.reduce((count, label) => count + label, 0);
    if (actual === 0 || actual === columns) {
      sum += 1;
      continue;
    }
    let precision = 0;
    own.forEach((label, i) => {
      if (label === 0) return;
      let ranked = 0;
      let hits = 0;
      given.forEach((score, j) => {
        if (score < given[i]!) return;
        ranked++;
        hits += own[j]!;
      });
      precision += hits / ranked;
    });
    sum += precision / actual;
  }
  return sum / rows;
}
