import { viewOf } from '../view.ts';
import { DamagedParquet } from './damaged.ts';
import { readDelta } from './delta.ts';

/** Texts as bytes: text i lies at [starts[i], ends[i]). */
export type TextBytes = { bytes: Uint8Array; starts: Int32Array; ends: Int32Array };

/** PLAIN: each text after its length in four bytes. @throws DamagedParquet */
export function plainTexts(bytes: Uint8Array, from: number, many: number): TextBytes {
  const starts = new Int32Array(many);
  const ends = new Int32Array(many);
  const view = viewOf(bytes);
  let at = from;
  for (let i = 0; i < many; i++) {
    const length = at + 4 <= bytes.length ? view.getInt32(at, true) : -1;
    const start = at + 4;
    at = start + length;
    if (length < 0 || at > bytes.length) throw new DamagedParquet('texts are cut off');
    starts[i] = start;
    ends[i] = at;
  }
  return { bytes, starts, ends };
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all texts. @throws DamagedParquet */
export function deltaLengthTexts(bytes: Uint8Array, from: number, many: number): TextBytes {
  const { values, end } = readDelta(bytes, from, many, 32);
  return laidOut(bytes, end, lengths(values, many));
}

/** DELTA_BYTE_ARRAY: how much each shares with the one before, and what follows that. @throws DamagedParquet */
export function deltaTexts(bytes: Uint8Array, from: number, many: number): TextBytes {
  const shared = readDelta(bytes, from, many, 32);
  const rest = deltaLengthTexts(bytes, shared.end, many);
  const prefixes = lengths(shared.values, many);
  const sizes = prefixes.map((prefix, i) => prefix + rest.ends[i]! - rest.starts[i]!);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > 2 ** 30) throw new DamagedParquet('texts grow beyond 1 GiB');
  const joined = new Uint8Array(total);
  const made = laidOut(joined, 0, sizes);
  for (let i = 0; i < many; i++) {
    const before = i === 0 ? 0 : made.ends[i - 1]! - made.starts[i - 1]!;
    if (prefixes[i]! > before) throw new DamagedParquet('a text shares more than there is');
    if (i > 0) joined.copyWithin(made.starts[i]!, made.starts[i - 1]!, made.starts[i - 1]! + prefixes[i]!);
    joined.set(bytes.subarray(rest.starts[i], rest.ends[i]), made.starts[i]! + prefixes[i]!);
  }
  return made;
}

function lengths(values: BigInt64Array, many: number): Int32Array {
  if (values.length !== many) throw new DamagedParquet(`${values.length} texts where ${many} are expected`);
  return Int32Array.from(values, (value) => {
    if (value < 0n || value > 0x7fffffffn) throw new DamagedParquet('a text has an impossible length');
    return Number(value);
  });
}

function laidOut(bytes: Uint8Array, from: number, sizes: Int32Array): TextBytes {
  const starts = new Int32Array(sizes.length);
  const ends = new Int32Array(sizes.length);
  let at = from;
  sizes.forEach((size, i) => {
    starts[i] = at;
    at += size;
    ends[i] = at;
  });
  if (at > bytes.length) throw new DamagedParquet('texts are cut off');
  return { bytes, starts, ends };
}
