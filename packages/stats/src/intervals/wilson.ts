import { normalQuantile } from '../math/normal.ts';

/**
 * The score interval of a share of `n` (Wilson 1927; statsmodels' proportion_confint): it holds what it says for few rows and for
 * shares of 0 and 1 too. With weights, n is their effective number (Σw)² / Σw² (Kish 1965).
 */
export function wilson(share: number, n: number, confidence: number): { low: number; high: number } {
  const z = -normalQuantile((1 - confidence) / 2);
  const scale = 1 + (z * z) / n;
  const middle = (share + (z * z) / (2 * n)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}
