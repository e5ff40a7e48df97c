/** A stream of random numbers that a seed decides. */
export type Random = {
  /** 32 random bits, as an unsigned integer. */
  bits(): number;
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, below), without bias. */
  below(below: number): number;
  /** Draws as many rows as there are counts, with replacement: counts[row] says how often each was drawn. */
  resample(counts: Uint8Array | Uint16Array): void;
};

/** Products of 32 random bits with numbers up to here are exact. */
const EXACT = 2 ** 21;

/** sfc32 (Doty-Humphrey, PractRand): 128 bits of state, passes BigCrush; seeded by twelve rounds as its author asks. */
export function seeded(seed: number): Random {
  let a = seed >>> 0;
  let b = Math.floor(seed / 2 ** 32) >>> 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  /** Lemire's method (2019): the high part of a product, drawn again where the low part would favour some values. */
  const below = (many: number): number => {
    if (many > EXACT) return belowLarge(many, bits);
    for (;;) {
      const product = bits() * many;
      const high = Math.floor(product / 2 ** 32);
      const low = product - high * 2 ** 32;
      if (low >= many || low >= 2 ** 32 % many) return high;
    }
  };
  return {
    bits,
    next: () => bits() / 2 ** 32,
    below,
    resample(counts) {
      counts.fill(0);
      const many = counts.length;
      if (many > EXACT) {
        for (let i = 0; i < many; i++) counts[belowLarge(many, bits)]!++;
        return;
      }
      // `below` again, with its state where the processor has it at hand: this loop is what a bootstrap does most.
      const uneven = 2 ** 32 % many;
      let [p, q, r, s] = [a, b, c, counter];
      for (let i = 0; i < many;) {
        const t = (((p + q) | 0) + s) | 0;
        s = (s + 1) | 0;
        p = q ^ (q >>> 9);
        q = (r + (r << 3)) | 0;
        r = (((r << 21) | (r >>> 11)) + t) | 0;
        const product = (t >>> 0) * many;
        const high = Math.floor(product / 2 ** 32);
        if (product - high * 2 ** 32 < uneven) continue;
        counts[high]!++;
        i++;
      }
      [a, b, c, counter] = [p, q, r, s];
    },
  };
}

/** 53 random bits, of which the uneven tail is drawn again. */
function belowLarge(many: number, bits: () => number): number {
  const limit = 2 ** 53 - (2 ** 53 % many);
  for (;;) {
    const value = (bits() >>> 11) * 2 ** 32 + bits();
    if (value < limit) return value % many;
  }
}
