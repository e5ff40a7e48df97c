/**
 * p-values adjusted so that rejecting those ≤ q keeps the expected share of false alarms among alarms at q
 * (Benjamini and Hochberg 1995; statsmodels' fdr_bh). NaN stays NaN and does not count as a test.
 */
export function adjustForDiscovery(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).filter((i) => !Number.isNaN(pValues[i]!));
  order.sort((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = pValues.map(() => Number.NaN);
  let least = 1;
  order.forEach((index, position) => {
    const rank = order.length - position;
    least = Math.min(least, (pValues[index]! * order.length) / rank);
    adjusted[index] = least;
  });
  return adjusted;
}
