import { seeded } from '../math/random.ts';
import { evaluator } from '../metrics/metrics.ts';
import type { MetricOptions } from '../metrics/metrics.ts';
import { unitWeights } from '../metrics/scored.ts';
import type { Paired } from './compare.ts';

/**
 * Whether two models differ in a metric: their scores are swapped on rows chosen by chance, and the p-value is the share of such swaps
 * with a difference at least as large (Good 2005; with the observed one counted, so never 0). Sorting metrics sort once a swap.
 */
export function permutationTest(
  { labels, candidate, baseline, weights = unitWeights(labels.length) }: Paired,
  name: string,
  { permutations = 999, seed = 1, ...options }: MetricOptions & { permutations?: number; seed?: number } = {},
): { difference: number; pValue: number } {
  const measure = (scores: Float64Array): number =>
    evaluator(name, { labels, scores, weights }, options)(weights);
  const difference = measure(candidate) - measure(baseline);
  const random = seeded(seed);
  const first = candidate.slice();
  const second = baseline.slice();
  let asLarge = 1;
  for (let i = 0; i < permutations; i++) {
    for (let row = 0; row < labels.length; row++) {
      const swap = random.bits() >>> 31 === 1;
      first[row] = swap ? baseline[row]! : candidate[row]!;
      second[row] = swap ? candidate[row]! : baseline[row]!;
    }
    // Rounding must not make the observed difference larger than an equal one.
    if (Math.abs(measure(first) - measure(second)) >= Math.abs(difference) * (1 - 1e-12)) asLarge++;
  }
  return { difference, pValue: Number.isNaN(difference) ? Number.NaN : asLarge / (permutations + 1) };
}
