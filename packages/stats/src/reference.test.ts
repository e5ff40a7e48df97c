import { describe, expect, test } from '@jest/globals';
import { referenceCases, referencePython } from '../reference/python.ts';
import { compareAuc } from './compare/delong.ts';
import { mcnemar } from './compare/mcnemar.ts';
import { rowsForRates } from './compare/sample-size.ts';
import { adjustForDiscovery } from './drift/false-discovery.ts';
import {
  chiSquared,
  jensenShannonDistance,
  kolmogorovSmirnov,
  populationStabilityIndex,
  totalVariation,
  wasserstein,
} from './drift/measures.ts';
import { estimateMetrics } from './intervals/estimate.ts';
import { binomialBelow } from './math/beta.ts';
import { chiSquaredTail } from './math/gamma.ts';
import { kolmogorovTail } from './math/kolmogorov.ts';
import { normalQuantile, normalTail } from './math/normal.ts';
import { evaluateMetrics } from './metrics/metrics.ts';
import { evaluateMulticlass } from './metrics/multiclass.ts';
import { evaluateMultilabel } from './metrics/multilabel.ts';
import { evaluateRanking } from './metrics/ranking.ts';
import { bucketPair, bucketsOf, quantileBucket } from './profile/buckets.ts';
import { deviationOf, meanOf } from './profile/moments.ts';
import { distinctNumbers } from './profile/numbers.ts';
import type { Numbers } from './profile/numbers.ts';
import { profile } from './profile/profile.ts';
import { numberColumn, tableOf } from './table.ts';

/** Of each kind; more by the environment, for a longer comparison. */
const CASES = Number(process.env['TIDEGATE_CASES'] ?? 100);
const python = await referencePython();

type Given = Record<string, number & number[]>;
type Answer = number | null | readonly (number | null)[];
type Answers = Record<string, Answer>;

/** What we answer to each kind of case; a name that is asked for and not answered fails. */
const OURS: Record<string, (given: Given) => Record<string, number | readonly number[]>> = {
  binary: (given) => values(evaluateMetrics(scored(given), BINARY)),
  regression: (given) => values(evaluateMetrics(scored(given), REGRESSION)),
  multiclass: (given) =>
    values(
      evaluateMulticlass(
        { labels: Uint32Array.from(given['labels']!), scores: matrix(given, 'scores') },
        MULTICLASS,
      ),
    ),
  multilabel: (given) =>
    values(
      evaluateMultilabel({ labels: matrix(given, 'labels'), scores: matrix(given, 'scores') }, MULTILABEL),
    ),
  ranking: (given) => {
    const query = { relevance: floats(given, 'relevance'), scores: floats(given, 'scores') };
    return values(evaluateRanking([query], ['ndcg'], { k: given['k']! }));
  },
  samples: (given) => {
    const pair = bucketPair(numbersIn(given, 'first').histogram, numbersIn(given, 'second').histogram);
    const ks = kolmogorovSmirnov(pair);
    return { ks: ks.value, 'ks-p': ks.pValue, wasserstein: wasserstein(pair).value };
  },
  counts: ({ first, second }) => {
    const pair = { baseline: first!, current: second! };
    const test_ = chiSquared(pair);
    return {
      psi: populationStabilityIndex(pair),
      'jensen-shannon': jensenShannonDistance(pair),
      'total-variation': totalVariation(pair),
      'chi-squared': test_.statistic,
      'chi-squared-p': test_.pValue,
      'cramers-v': test_.effect,
    };
  },
  tails: ({ x, df, z, p, k, n, q }) => ({
    chi2: chiSquaredTail(x!, df!),
    normal: normalTail(z!),
    quantile: normalQuantile(p!),
    kolmogorov: kolmogorovTail(Math.abs(z!)),
    binomial: binomialBelow(k!, n!, q!),
  }),
  discovery: ({ p }) => ({ adjusted: adjustForDiscovery(p!) }),
  paired: (given) => {
    const rows = {
      labels: floats(given, 'labels'),
      candidate: floats(given, 'first'),
      baseline: floats(given, 'second'),
    };
    const auc = compareAuc(rows);
    return { mcnemar: mcnemar(rows).pValue, difference: auc.difference, error: auc.standardError };
  },
  sizes: ({ first, second, alpha, power }) => ({
    rows: rowsForRates(first!, second!, { alpha: alpha!, power: power! }),
  }),
  intervals: (given) => {
    const found = estimateMetrics(scored(given), ['accuracy', 'roc-auc']);
    return {
      accuracy: [found.accuracy.low, found.accuracy.high],
      'roc-auc': [found['roc-auc'].low, found['roc-auc'].high],
    };
  },
  columns: (given) => {
    const numbers = numbersIn(given, 'values');
    const buckets = bucketsOf(numbers.histogram);
    const { moments } = numbers;
    return {
      mean: meanOf(moments),
      sum: moments.sum + moments.correction,
      deviation: deviationOf(moments),
      min: moments.min,
      max: moments.max,
      distinct: distinctNumbers(numbers)!.value,
      quartiles: [0.25, 0.5, 0.75].map((p) => quantileBucket(buckets, p).lower),
    };
  },
};

const BINARY = [
  'roc-auc',
  'average-precision',
  'log-loss',
  'brier',
  'calibration-error',
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'f0.5',
  'f2',
  'balanced-accuracy',
  'matthews',
] as const;
const REGRESSION = ['mae', 'mse', 'rmse', 'rmsle', 'mape', 'pinball', 'r2', 'max-error', 'bias'] as const;
const MULTICLASS = [
  'accuracy',
  'balanced-accuracy',
  'precision-macro',
  'recall-macro',
  'f1-macro',
  'f1-weighted',
  'matthews',
  'cohen-kappa',
  'log-loss',
  'roc-auc-macro',
  'top-3-accuracy',
] as const;
const MULTILABEL = [
  'f1-micro',
  'f1-macro',
  'hamming-loss',
  'subset-accuracy',
  'roc-auc-macro',
  'average-precision-macro',
  'label-ranking-precision',
] as const;

function floats(given: Given, name: string): Float64Array {
  return Float64Array.from(given[name]!);
}

function scored(given: Given): { labels: Float64Array; scores: Float64Array; weights?: Float64Array } {
  const rows = { labels: floats(given, 'labels'), scores: floats(given, 'scores') };
  return given['weights'] ? { ...rows, weights: floats(given, 'weights') } : rows;
}

function matrix(given: Given, name: string): { columns: number; values: Float64Array } {
  return { columns: given['columns']!, values: floats(given, name) };
}

function numbersIn(given: Given, name: string): Numbers {
  return profile(tableOf([numberColumn(name, floats(given, name))])).columns[0]!.numbers;
}

function values<Name extends string>(metrics: Record<Name, { value: number }>): Record<Name, number> {
  const entries = Object.entries<{ value: number }>(metrics).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/** Relative to the larger one; differences below 1e-12 are rounding around 0. */
function agree(ours: number, theirs: number | null, kind: string): boolean {
  if (theirs === null) return Number.isNaN(ours);
  // Ours are rounded up to whole rows; statsmodels' solver stops some rows short of the root.
  if (kind === 'sizes') return Math.abs(ours - theirs) <= 1 + 1e-3 * theirs;
  // Student's quantile is an expansion of five terms.
  if (kind === 'intervals') return Math.abs(ours - theirs) <= 1e-6;
  return Math.abs(ours - theirs) <= 1e-9 * Math.max(Math.abs(ours), Math.abs(theirs)) + 1e-12;
}

function disagreements(kind: string, given: Given, expected: Answers): string[] {
  const ours = OURS[kind]!(given);
  return Object.entries(expected).flatMap(([name, theirs]) => {
    const mine = [ours[name] ?? []].flat();
    const wanted: readonly (number | null)[] = [theirs].flat();
    const same = mine.length === wanted.length && mine.every((value, i) => agree(value, wanted[i]!, kind));
    return same
      ? []
      : [
          `${kind} ${name}: ${mine.join(' ')} where the reference has ${wanted.join(' ')} for ${JSON.stringify(given).slice(0, 600)}`,
        ];
  });
}

describe('what scipy, scikit-learn, statsmodels and numpy answer, we answer to nine digits', () => {
  (python ? test : test.skip)(`on ${CASES} cases of each of ${Object.keys(OURS).length} kinds`, async () => {
    const lines = await referenceCases(python!, CASES, 20270101);
    const seen: Record<string, number> = {};
    const wrong: string[] = [];
    for (const line of lines) {
      const { kind, given, expected } = JSON.parse(line) as { kind: string; given: Given; expected: Answers };
      seen[kind] = (seen[kind] ?? 0) + 1;
      if (wrong.length < 5) wrong.push(...disagreements(kind, given, expected));
    }
    expect(wrong).toEqual([]);
    expect(seen).toEqual(Object.fromEntries(Object.keys(OURS).map((kind) => [kind, CASES])));
  });
});
