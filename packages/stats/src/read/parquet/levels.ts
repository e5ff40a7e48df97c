import { DamagedParquet } from './damaged.ts';

/**
 * Parquet's hybrid of run lengths and bit-packing (parquet-format, Encodings.md, RLE = 3): `many` unsigned integers of `width` ≤ 32 bits
 * from bytes [from, end) into `into`.
 * @throws DamagedParquet when there are fewer
 */
export function readHybrid(
  bytes: Uint8Array,
  from: number,
  end: number,
  width: number,
  many: number,
  into: Int32Array | Uint8Array,
): void {
  if (width === 0) {
    into.fill(0, 0, many);
    return;
  }
  if (width > 32) throw new DamagedParquet(`integers of ${width} bits are packed`);
  const bytesWide = (width + 7) >> 3;
  let at = from;
  let done = 0;
  while (done < many) {
    if (at >= end) throw new DamagedParquet('a run of levels or dictionary indices is cut off');
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
      if (at >= end || shift > 28) throw new DamagedParquet('a run length is damaged');
    }
    if (header % 2 === 0) {
      const run = Math.min(header / 2, many - done);
      let value = 0;
      for (let i = 0; i < bytesWide; i++) value |= (bytes[at + i] ?? 0) << (8 * i);
      at += bytesWide;
      into.fill(value, done, done + run);
      done += run;
      if (header === 0) throw new DamagedParquet('a run of no values');
    } else {
      const groups = (header - 1) / 2;
      const packed = Math.min(groups * 8, many - done);
      const needed = Math.ceil((packed * width) / 8);
      if (at + needed > end) throw new DamagedParquet('bit-packed values are cut off');
      if (width <= 24) unpack(bytes, at, width, packed, into, done);
      else unpackWide(bytes, at, width, packed, into, done);
      at += groups * width;
      done += packed;
    }
  }
}

/** Up to 24 bits: an accumulator of 32 always has room for another byte. */
function unpack(
  bytes: Uint8Array,
  from: number,
  width: number,
  many: number,
  into: Int32Array | Uint8Array,
  start: number,
): void {
  const mask = 2 ** width - 1;
  let at = from;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < many; i++) {
    while (bits < width) {
      held |= bytes[at++]! << bits;
      bits += 8;
    }
    into[start + i] = held & mask;
    held >>>= width;
    bits -= width;
  }
}

function unpackWide(
  bytes: Uint8Array,
  from: number,
  width: number,
  many: number,
  into: Int32Array | Uint8Array,
  start: number,
): void {
  for (let i = 0; i < many; i++) {
    let value = 0;
    for (let bit = 0; bit < width; bit++) {
      const at = i * width + bit;
      value += ((bytes[from + (at >> 3)]! >> (at & 7)) & 1) * 2 ** bit;
    }
    into[start + i] = value;
  }
}
