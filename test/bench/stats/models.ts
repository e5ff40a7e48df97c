/** Labels and two models' scores, the same as peers.py makes: a linear congruential generator needs no library. */
export function models(rows: number): {
  labels: Float64Array;
  candidate: Float64Array;
  baseline: Float64Array;
} {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const labels = new Float64Array(rows);
  const candidate = new Float64Array(rows);
  const baseline = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    labels[i] = next() < 0.3 ? 1 : 0;
    const shared = 0.6 * next();
    candidate[i] = shared + 0.2 * next() + 0.15 * labels[i]!;
    baseline[i] = shared + 0.2 * next() + 0.1 * labels[i]!;
  }
  return { labels, candidate, baseline };
}
