// A block of LZ4 (lz4_Block_format.md).

import { copyLiterals, repeat } from './blocks';

/**
 * Unpacks [from, end) into [into, full).
 * @returns how many bytes it gave; −1 when it is damaged, or gives more. It may read and write 16 bytes behind both ends.
 */
export function unlz4(from: u32, end: u32, into: u32, full: u32): i32 {
  let at = from;
  let to = into;
  while (at < end) {
    const token = <u32>load<u8>(at++);
    let length = token >> 4;
    if (length == 15) {
      let byte: u32 = 255;
      while (byte == 255 && at < end) {
        byte = <u32>load<u8>(at++);
        length += byte;
      }
    }
    if (length > end - at || length > full - to) return -1;
    copyLiterals(at, to, length);
    at += length;
    to += length;
    if (at >= end) break;
    const offset = <u32>load<u16>(at);
    at += 2;
    length = (token & 15) + 4;
    if (length == 19) {
      let byte: u32 = 255;
      while (byte == 255 && at < end) {
        byte = <u32>load<u8>(at++);
        length += byte;
      }
    }
    if (offset == 0 || offset > to - into || length > full - to) return -1;
    repeat(to, offset, length);
    to += length;
  }
  return to - into;
}
