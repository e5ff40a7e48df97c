/**
 * The indices of the values from least to greatest, equal values in the order they came: a radix sort on the doubles' bits,
 * linear in their number. −0 sorts as 0. The values must not be NaN.
 */
export function orderOf(values: Float64Array): Uint32Array {
  const n = values.length;
  const keys = new Uint32Array(2 * n);
  const copy = Float64Array.from(values, (value) => value + 0);
  const words = new Uint32Array(copy.buffer);
  for (let i = 0; i < n; i++) {
    const high = words[2 * i + 1]!;
    // Negative doubles compare backwards as integers: flip all of their bits, and the sign of the others.
    const negative = high >>> 31 === 1;
    keys[2 * i] = negative ? ~words[2 * i]! : words[2 * i]!;
    keys[2 * i + 1] = negative ? ~high : high ^ 0x80000000;
  }
  let from = Uint32Array.from({ length: n }, (_, i) => i);
  let to = new Uint32Array(n);
  for (let pass = 0; pass < 4; pass++) {
    const word = pass >> 1;
    const bits = (pass & 1) * 16;
    const starts = new Uint32Array(65_537);
    for (let i = 0; i < n; i++) starts[((keys[2 * i + word]! >>> bits) & 0xffff) + 1]!++;
    if (starts.includes(n, 1)) continue;
    for (let i = 0; i < 65_536; i++) starts[i + 1]! += starts[i]!;
    for (let i = 0; i < n; i++) {
      const index = from[i]!;
      const digit = (keys[2 * index + word]! >>> bits) & 0xffff;
      to[starts[digit]!++] = index;
    }
    [from, to] = [to, from];
  }
  return from;
}
