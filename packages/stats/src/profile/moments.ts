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

/** Adds values[from..to) and widens `range` by them, if they and their sum are finite; else does nothing and says false. */
export function addBlock(
  moments: Moments,
  values: Float64Array,
  from: number,
  to: number,
  range: { min: number; max: number },
): boolean {
  const count = to - from;
  if (count <= 0) return true;
  let sum0 = 0;
  let sum1 = 0;
  let min = values[from]!;
  let max = min;
  let i = from;
  for (; i + 1 < to; i += 2) {
    const x = values[i]!;
    const y = values[i + 1]!;
    sum0 += x;
    sum1 += y;
    if (x < min) min = x;
    if (x > max) max = x;
    if (y < min) min = y;
    if (y > max) max = y;
  }
  if (i < to) {
    const x = values[i]!;
    sum0 += x;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const sum = sum0 + sum1;
  if (sum - sum !== 0) return false;
  const mean = sum / count;
  let squares0 = 0;
  let squares1 = 0;
  for (i = from; i + 1 < to; i += 2) {
    const x = values[i]! - mean;
    const y = values[i + 1]! - mean;
    squares0 += x * x;
    squares1 += y * y;
  }
  if (i < to) squares0 += (values[i]! - mean) ** 2;
  mergeMoments(moments, { count, sum, correction: 0, squares: squares0 + squares1, min, max });
  if (min < range.min) range.min = min;
  if (max > range.max) range.max = max;
  return true;
}

function addTo(moments: Moments, value: number): void {
  const sum = moments.sum + value;
  moments.correction +=
    Math.abs(moments.sum) >= Math.abs(value) ? moments.sum - sum + value : value - sum + moments.sum;
  moments.sum = sum;
}
