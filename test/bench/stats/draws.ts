/** A generator of the benchmark's own, which must not rest on the package's: xoshiro128** (Blackman and Vigna 2021). */
export type Draws = {
  /** In [0, 1). */
  next(): number;
  /** How many trials of this rate it takes until one succeeds. */
  until(rate: number): number;
};

export function draws(seed: number): Draws {
  // Its four words come from splitmix32, as its authors ask.
  let mixed = seed | 0;
  const word = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  let [a, b, c, d] = [word(), word(), word(), word()];
  const next = (): number => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return (result >>> 0) / 2 ** 32;
  };
  return { next, until: (rate) => 1 + Math.floor(Math.log(1 - next()) / Math.log(1 - rate)) };
}
