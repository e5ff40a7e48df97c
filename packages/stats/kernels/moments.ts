// Count, sum, mean, variance and range of doubles: see src/profile/moments.ts, whose results these are.

import { MOMENTS } from './places';

/** A block of doubles that stays in the first-level cache between the passes over it. */
const BLOCK: u32 = 2048;

const COUNT: u32 = MOMENTS;
const SUM: u32 = MOMENTS + 8;
const CORRECTION: u32 = MOMENTS + 16;
const SQUARES: u32 = MOMENTS + 24;
const MIN: u32 = MOMENTS + 32;
const MAX: u32 = MOMENTS + 40;
const RUN_MIN: u32 = MOMENTS + 48;
const RUN_MAX: u32 = MOMENTS + 56;

/**
 * Adds doubles, a block at a time, in two passes each.
 * @returns how many were added: it stops before a block that holds, or adds up to, what is not finite
 */
export function addMoments(values: u32, many: u32): u32 {
  let done: u32 = 0;
  while (done < many) {
    const block = min(BLOCK, many - done);
    if (!addBlock(values + (done << 3), block)) break;
    done += block;
  }
  return done;
}

function addBlock(values: u32, many: u32): bool {
  const end = values + (many << 3);
  const wideEnd = values + ((many >> 3) << 6);
  let at = values;
  let sumA = f64x2.splat(0);
  let sumB = sumA;
  let sumC = sumA;
  let sumD = sumA;
  const first = f64x2.splat(load<f64>(values));
  let least = first;
  let most = first;
  for (; at < wideEnd; at += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    sumA = f64x2.add(sumA, a);
    sumB = f64x2.add(sumB, b);
    sumC = f64x2.add(sumC, c);
    sumD = f64x2.add(sumD, d);
    least = f64x2.pmin(f64x2.pmin(least, f64x2.pmin(a, b)), f64x2.pmin(c, d));
    most = f64x2.pmax(f64x2.pmax(most, f64x2.pmax(a, b)), f64x2.pmax(c, d));
  }
  let sum = lanes(f64x2.add(f64x2.add(sumA, sumB), f64x2.add(sumC, sumD)));
  let low = min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
  let high = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  for (; at < end; at += 8) {
    const value = load<f64>(at);
    sum += value;
    low = min(low, value);
    high = max(high, value);
  }
  if (sum - sum != 0) return false;
  merge(<f64>many, sum, squaresAbout(sum / <f64>many, values, wideEnd, end), low, high);
  return true;
}

function squaresAbout(mean: f64, values: u32, wideEnd: u32, end: u32): f64 {
  const means = f64x2.splat(mean);
  let at = values;
  let squaresA = f64x2.splat(0);
  let squaresB = squaresA;
  let squaresC = squaresA;
  let squaresD = squaresA;
  for (; at < wideEnd; at += 64) {
    const a = f64x2.sub(v128.load(at), means);
    const b = f64x2.sub(v128.load(at, 16), means);
    const c = f64x2.sub(v128.load(at, 32), means);
    const d = f64x2.sub(v128.load(at, 48), means);
    squaresA = f64x2.add(squaresA, f64x2.mul(a, a));
    squaresB = f64x2.add(squaresB, f64x2.mul(b, b));
    squaresC = f64x2.add(squaresC, f64x2.mul(c, c));
    squaresD = f64x2.add(squaresD, f64x2.mul(d, d));
  }
  let squares = lanes(f64x2.add(f64x2.add(squaresA, squaresB), f64x2.add(squaresC, squaresD)));
  for (; at < end; at += 8) {
    const off = load<f64>(at) - mean;
    squares += off * off;
  }
  return squares;
}

function lanes(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Chan, Golub and LeVeque 1979. */
function merge(count: f64, sum: f64, squares: f64, low: f64, high: f64): void {
  const before = load<f64>(COUNT);
  if (before > 0) {
    const delta = sum / count - (load<f64>(SUM) + load<f64>(CORRECTION)) / before;
    const weight = (before * count) / (before + count);
    store<f64>(SQUARES, load<f64>(SQUARES) + (squares + delta * delta * weight));
  } else {
    store<f64>(SQUARES, squares);
  }
  store<f64>(COUNT, before + count);
  addToSum(sum);
  // Adding 0 makes −0 be 0.
  if (low < load<f64>(MIN)) store<f64>(MIN, low + 0);
  if (high > load<f64>(MAX)) store<f64>(MAX, high + 0);
  if (low < load<f64>(RUN_MIN)) store<f64>(RUN_MIN, low);
  if (high > load<f64>(RUN_MAX)) store<f64>(RUN_MAX, high);
}

/** Neumaier 1974. */
function addToSum(value: f64): void {
  const before = load<f64>(SUM);
  const sum = before + value;
  const lost = abs(before) >= abs(value) ? before - sum + value : value - sum + before;
  store<f64>(CORRECTION, load<f64>(CORRECTION) + lost);
  store<f64>(SUM, sum);
}

/** How many infinite values the last `keepFinite` saw. */
export let negativeInfinities: u32 = 0;
export let positiveInfinities: u32 = 0;

/** Copies the doubles that are finite; returns how many there are. */
export function keepFinite(values: u32, many: u32, into: u32): u32 {
  const end = values + (many << 3);
  let out = into;
  negativeInfinities = 0;
  positiveInfinities = 0;
  for (let at = values; at < end; at += 8) {
    const value = load<f64>(at);
    store<f64>(out, value);
    // Infinity − Infinity and NaN − NaN are NaN: one test for both.
    if (value - value == 0) out += 8;
    else if (value == Infinity) positiveInfinities++;
    else if (value == -Infinity) negativeInfinities++;
  }
  return (out - into) >> 3;
}
