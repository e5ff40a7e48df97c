import { normalQuantile } from './normal.ts';

/**
 * The p-quantile of Student's t, expanded around the normal one (Abramowitz and Stegun 26.7.5): right to four digits from 10 degrees of
 * freedom on.
 */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  const z = normalQuantile(p);
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, i) => sum + term / degreesOfFreedom ** (i + 1), z);
}
