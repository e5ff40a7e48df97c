/**
 * Count, sum, mean, variance and range of finite numbers.
 * Blocks are summed in two passes and joined with Chan, Golub and LeVeque's formula (1979), sums with Neumaier's
 * correction (1974), so that merging in another order changes results by rounding only (some 1e-15, relative).
 */
export type Moments = {
  count: number;
  sum: number;
  correction: number;
  /** Σ (x − mean)² */
  squares: number;
  min: number;
  max: number;
};

export function noMoments(): Moments {
  return { count: 0, sum: 0, correction: 0, squares: 0, min: Infinity, max: -Infinity };
}

export function meanOf(moments: Moments): number {
  return moments.count === 0 ? Number.NaN : (moments.sum + moments.correction) / moments.count;
}

/** The population's standard deviation (divided by n), as Model Monitor writes it. */
export function deviationOf(moments: Moments): number {
  return moments.count === 0 ? Number.NaN : Math.sqrt(moments.squares / moments.count);
}

export function mergeMoments(into: Moments, more: Moments): void {
  if (more.count === 0) return;
  if (into.count > 0) {
    const delta = meanOf(more) - meanOf(into);
    // An infinite sum (numbers near 1e308) leaves no meaningful deviation: NaN, which no threshold passes.
    into.squares += more.squares + delta * delta * ((into.count * more.count) / (into.count + more.count));
  } else {
    into.squares = more.squares;
  }
  into.count += more.count;
  addTo(into, more.sum);
  addTo(into, more.correction);
  // Adding 0 makes −0 be 0.
  if (more.min < into.min) into.min = more.min + 0;
  if (more.max > into.max) into.max = more.max + 0;
}

/** Adds the same value `count` times. */
export function addRepeated(moments: Moments, value: number, count: number): void {
  mergeMoments(moments, { count, sum: value * count, correction: 0, squares: 0, min: value, max: value });
}

function addTo(moments: Moments, value: number): void {
  const sum = moments.sum + value;
  moments.correction +=
    Math.abs(moments.sum) >= Math.abs(value) ? moments.sum - sum + value : value - sum + moments.sum;
  moments.sum = sum;
}
