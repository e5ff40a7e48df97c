// Parquet's hybrid of run lengths and bit-packing (parquet-format, Encodings.md, RLE = 3).

/** What is wrong with it: src/read/parquet/levels.ts has the words. */
const CUT_OFF: i32 = -1;
const DAMAGED: i32 = -2;
const EMPTY_RUN: i32 = -3;

/**
 * Unpacks `many` unsigned integers of 1 … 32 bits from [from, to) into as many of 32 bits.
 * @returns the largest of them; below 0 when they cannot be read
 */
export function readHybrid(from: u32, to: u32, width: u32, many: u32, into: u32): i64 {
  const bytesWide = (width + 7) >> 3;
  const end = into + (many << 2);
  let at = from;
  let out = into;
  let largest: u32 = 0;
  while (out < end) {
    let header: u64 = 0;
    for (let shift: u32 = 0; ; shift += 7) {
      if (at >= to) return CUT_OFF;
      const byte = <u64>load<u8>(at++);
      header |= (byte & 127) << shift;
      if (byte < 128) break;
      if (shift >= 28) return DAMAGED;
    }
    const left = (end - out) >> 2;
    if ((header & 1) == 0) {
      if (header == 0) return EMPTY_RUN;
      if (bytesWide > to - at) return CUT_OFF;
      let value: u32 = 0;
      for (let i: u32 = 0; i < bytesWide; i++) value |= (<u32>load<u8>(at + i)) << (8 * i);
      at += bytesWide;
      const stop = out + ((<u32>min<u64>(header >> 1, left)) << 2);
      for (; out < stop; out += 4) store<u32>(out, value);
      largest = max(largest, value);
    } else {
      const groups = header >> 1;
      const packed = <u32>min<u64>(groups * 8, left);
      const needed = (<u64>packed * width + 7) >> 3;
      if (needed > <u64>(to - at)) return CUT_OFF;
      largest = max(largest, unpack(at, width, packed, out));
      out += packed << 2;
      at += <u32>min<u64>(groups * width, to - at);
    }
  }
  return largest;
}

/** Unpacks integers that lie one after another, the lowest bits first; returns the largest. */
function unpack(from: u32, width: u32, many: u32, into: u32): u32 {
  const mask = <u32>(((<u64>1) << width) - 1);
  let largest: u32 = 0;
  // Eight bytes hold any integer with the seven bits that may lie before it.
  for (let i: u32 = 0, bit: u32 = 0; i < many; i++, bit += width) {
    const value = (<u32>(load<u64>(from + (bit >> 3)) >> (bit & 7))) & mask;
    store<u32>(into + (i << 2), value);
    largest = max(largest, value);
  }
  return largest;
}
