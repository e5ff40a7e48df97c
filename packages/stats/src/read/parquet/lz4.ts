import { kernels } from '../../kernels/kernels.ts';

/**
 * Undoes what Parquet calls LZ4, all in the kernels' memory: Hadoop's frames (big-endian lengths of the whole and of each block) in
 * `input` at `from`, or a bare block where a writer left them out.
 * @returns how many bytes of [into, full) it gave; −1 when it is damaged
 */
export function unlz4Hadoop(input: Uint8Array, from: number, into: number, full: number): number {
  const { unlz4 } = kernels();
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const asOneBlock = () => unlz4(from, from + input.length, into, full);
  let at = 0;
  let to = into;
  while (at + 8 <= input.length) {
    const whole = view.getUint32(at);
    const block = view.getUint32(at + 4);
    if (whole > full - to || at + 8 + block > input.length) return asOneBlock();
    const made = unlz4(from + at + 8, from + at + 8 + block, to, full);
    if (made !== whole) return asOneBlock();
    to += made;
    at += 8 + block;
  }
  return to - into;
}
