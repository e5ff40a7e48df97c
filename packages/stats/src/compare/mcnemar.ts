import { binomialBelow } from '../math/beta.ts';
import { checkBinary, checkScored } from '../metrics/scored.ts';
import type { Paired } from './compare.ts';

/**
 * Whether two models' decisions are right equally often, from the rows where just one of them is right: the exact test (McNemar 1947;
 * statsmodels' mcnemar(exact=True)), two-sided.
 * @param threshold a score at or above is the decision 1; 0.5 when absent
 * @throws UserError for labels other than 0 and 1
 */
export function mcnemar(
  { labels, candidate, baseline }: Paired,
  threshold = 0.5,
): { onlyCandidateRight: number; onlyBaselineRight: number; pValue: number } {
  for (const scores of [candidate, baseline]) checkScored({ labels, scores });
  checkBinary(labels);
  let onlyCandidateRight = 0;
  let onlyBaselineRight = 0;
  labels.forEach((label, row) => {
    const first = candidate[row]! >= threshold === (label === 1);
    const second = baseline[row]! >= threshold === (label === 1);
    if (first && !second) onlyCandidateRight++;
    if (second && !first) onlyBaselineRight++;
  });
  const discordant = onlyCandidateRight + onlyBaselineRight;
  const fewer = Math.min(onlyCandidateRight, onlyBaselineRight);
  return {
    onlyCandidateRight,
    onlyBaselineRight,
    pValue: discordant === 0 ? 1 : Math.min(1, 2 * binomialBelow(fewer, discordant, 0.5)),
  };
}
