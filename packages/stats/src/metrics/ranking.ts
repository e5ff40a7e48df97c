import { orderOf } from '../math/order.ts';
import { UserError } from '../user-error.ts';

/** What a ranker was asked once: how relevant each document is (0 = not at all) and the score it was given. */
export type Query = { relevance: Float64Array; scores: Float64Array };

const RANKING_METRICS = ['ndcg', 'reciprocal-rank', 'average-precision', 'precision', 'recall'] as const;
export type RankingMetric = (typeof RANKING_METRICS)[number];

/**
 * Means over queries. `k` cuts every ranking after k documents; all when absent. Equal scores keep their order, except in ndcg, which
 * gives them the mean gain of their group (sklearn.metrics.ndcg_score). Queries without anything relevant count as 0, but are left out of recall.
 * @throws UserError when a query's lengths differ, a value is not finite or a relevance is negative
 */
export function evaluateRanking<Name extends RankingMetric>(
  queries: readonly Query[],
  names: readonly Name[],
  { k = Infinity }: { k?: number } = {},
): Record<Name, { value: number; greaterIsBetter: true }> {
  if (queries.length === 0) throw new UserError('there are no queries to evaluate');
  queries.forEach(checkQuery);
  return Object.fromEntries(
    names.map((name) => {
      const values = queries.map((query) => METRICS[name](query, k)).filter((value) => !Number.isNaN(value));
      const value = values.reduce((sum, each) => sum + each, 0) / values.length;
      return [name, { value, greaterIsBetter: true }];
    }),
  ) as Record<Name, { value: number; greaterIsBetter: true }>;
}

function checkQuery({ relevance, scores }: Query, i: number): void {
  if (relevance.length !== scores.length) {
    throw new UserError(`query ${i + 1} has ${relevance.length} relevances but ${scores.length} scores`);
  }
  if (!relevance.every((value) => Number.isFinite(value) && value >= 0) || !scores.every(Number.isFinite)) {
    throw new UserError(`query ${i + 1} holds a value that is not a finite number, or a negative relevance`);
  }
}

const METRICS: Record<RankingMetric, (query: Query, k: number) => number> = {
  ndcg(query, k) {
    const ideal = gain({ relevance: query.relevance, scores: query.relevance }, k);
    return ideal === 0 ? 0 : gain(query, k) / ideal;
  },
  'reciprocal-rank'(query, k) {
    const first = ranked(query, k).findIndex((relevance) => relevance > 0);
    return first < 0 ? 0 : 1 / (first + 1);
  },
  'average-precision'(query, k) {
    let hits = 0;
    let sum = 0;
    ranked(query, k).forEach((relevance, i) => {
      if (relevance > 0) sum += ++hits / (i + 1);
    });
    const relevant = Math.min(k, relevantIn(query));
    return relevant === 0 ? 0 : sum / relevant;
  },
  precision(query, k) {
    const cut = Math.min(k, query.scores.length);
    return cut === 0 ? 0 : ranked(query, k).filter((relevance) => relevance > 0).length / cut;
  },
  recall(query, k) {
    const hits = ranked(query, k).filter((relevance) => relevance > 0).length;
    return hits / relevantIn(query);
  },
};

function relevantIn({ relevance }: Query): number {
  return relevance.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
}

function ranked({ relevance, scores }: Query, k: number): number[] {
  const order = orderOf(scores.map((score) => -score));
  return Array.from(order.subarray(0, Math.min(k, order.length)), (i) => relevance[i]!);
}

/** Discounted cumulative gain, Σ relevance / log₂(rank + 1), equal scores sharing the discounts of their ranks (McSherry and Najork 2008). */
function gain({ relevance, scores }: Query, k: number): number {
  const order = orderOf(scores.map((score) => -score));
  let sum = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let relevant = 0;
    let discounts = 0;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) {
      relevant += relevance[order[to]!]!;
      if (to < k) discounts += 1 / Math.log2(to + 2);
      to++;
    }
    sum += (relevant / (to - from)) * discounts;
    from = to;
  }
  return sum;
}
