// Snappy's raw format (google/snappy, format_description.txt).

import { copyLiterals, repeat } from './blocks';
import { TAGS } from './places';

/**
 * Unpacks [from, end) into [into, full). It may read and write some bytes behind both ends.
 * @returns false when the input does not give just that many bytes
 */
export function unsnappy(from: u32, end: u32, into: u32, full: u32): bool {
  let at = from;
  let to = into;
  while (at < end && load<u8>(at) >= 128) at++;
  at++;
  while (at < end) {
    const tag = <u32>load<u8>(at++);
    if ((tag & 3) == 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        length = (load<u32>(at) & (0xffffffff >> (32 - 8 * extra))) + 1;
        at += extra;
      }
      if (at >= end || length > end - at || length > full - to) return false;
      copyLiterals(at, to, length);
      at += length;
      to += length;
    } else {
      const entry = <u32>load<u16>(TAGS + (tag << 1));
      const length = entry & 0xff;
      const extra = entry >> 11;
      const trailer = load<u32>(at) & (<u32>(((<u64>1) << (8 * extra)) - 1));
      const offset = (entry & 0x700) + trailer;
      at += extra;
      // An offset of 0 wraps, and is refused with those that reach too far.
      if (offset - 1 >= to - into || length > full - to) return false;
      repeat(to, offset, length);
      to += length;
    }
  }
  return to == full;
}
