import { DamagedParquet } from './damaged.ts';
import { repeat } from './snappy.ts';

/** Undoes one LZ4 block (lz4_Block_format.md); returns how many bytes it gave. @throws DamagedParquet */
export function unlz4(input: Uint8Array, output: Uint8Array, start = 0): number {
  let from = 0;
  let to = start;
  while (from < input.length) {
    const token = input[from++]!;
    let literals = token >> 4;
    if (literals === 15) {
      for (let byte = 255; byte === 255 && from < input.length;) literals += byte = input[from++]!;
    }
    if (from + literals > input.length || to + literals > output.length) {
      throw new DamagedParquet('LZ4 data are cut off');
    }
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from >= input.length) break;
    const offset = input[from]! | (input[from + 1]! << 8);
    from += 2;
    let length = (token & 15) + 4;
    if ((token & 15) === 15) {
      for (let byte = 255; byte === 255 && from < input.length;) length += byte = input[from++]!;
    }
    repeat(output, to, offset, length);
    to += length;
  }
  return to - start;
}

/**
 * Undoes what Parquet calls LZ4: Hadoop's frames (big-endian lengths of the whole and of each block), or a bare block where a
 * writer left them out.
 */
export function unlz4Hadoop(input: Uint8Array, output: Uint8Array): number {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let from = 0;
  let to = 0;
  while (from + 8 <= input.length) {
    const whole = view.getUint32(from);
    const block = view.getUint32(from + 4);
    if (whole > output.length - to || from + 8 + block > input.length) return unlz4(input, output);
    const made = unlz4(input.subarray(from + 8, from + 8 + block), output, to);
    if (made !== whole) return unlz4(input, output);
    to += made;
    from += 8 + block;
  }
  return to;
}
