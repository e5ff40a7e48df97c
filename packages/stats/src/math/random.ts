/** A stream of random numbers that a seed decides. */
export type Random = {
  /** 32 random bits, as an unsigned integer. */
  bits(): number;
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, below), without bias; below ≤ 2^32. */
  below(below: number): number;
};

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
  return {
    bits,
    next: () => bits() / 2 ** 32,
    below(below) {
      // Lemire's multiplication needs 64 bits; rejection of the uneven tail is as exact.
      const limit = 2 ** 32 - (2 ** 32 % below);
      for (;;) {
        const value = bits();
        if (value < limit) return value % below;
      }
    },
  };
}
