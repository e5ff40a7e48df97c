import { kernels, letGo, memoryBytes, scratch, scratchTop, wordsAt } from '../../kernels/kernels.ts';
import { DamagedParquet } from './damaged.ts';

// What the kernel answers in place of the largest integer.
const TROUBLES: Readonly<Record<number, string>> = {
  [-1]: 'levels, booleans or dictionary indices are cut off',
  [-2]: 'a run length is damaged',
  [-3]: 'a run of no values',
};

/**
 * Parquet's hybrid of run lengths and bit-packing (parquet-format, Encodings.md, RLE = 3): `many` unsigned integers of `width` ≤ 32 bits
 * from [from, to) of the kernels' memory, as integers of 32 bits at `into`.
 * @returns the largest of them
 * @throws DamagedParquet when there are fewer
 */
export function unpackHybrid(from: number, to: number, width: number, many: number, into: number): number {
  if (width === 0) {
    memoryBytes().fill(0, into, into + 4 * many);
    return 0;
  }
  if (width > 32) throw new DamagedParquet(`integers of ${width} bits are packed`);
  const largest = Number(kernels().readHybrid(from, to, width, many, into));
  if (largest < 0) throw new DamagedParquet(TROUBLES[largest]);
  return largest;
}

/** The same of single bits. @throws DamagedParquet */
export function unpackFlags(from: number, to: number, many: number): Uint8Array {
  const since = scratchTop();
  const place = scratch(4 * many);
  const largest = unpackHybrid(from, to, 1, many, place);
  if (largest > 1) throw new DamagedParquet(`a level or boolean is ${largest}`);
  const flags = new Uint8Array(wordsAt(place, many));
  letGo(since);
  return flags;
}
