import { DamagedParquet } from './damaged.ts';

/**
 * DELTA_BINARY_PACKED (parquet-format, Encodings.md): integers as differences, packed in small blocks. `bits` is 32 or 64, at which sums wrap.
 * @throws DamagedParquet when they are cut off or more than `limit`
 */
export function readDelta(
  bytes: Uint8Array,
  from: number,
  limit: number,
  bits: 32 | 64,
): { values: BigInt64Array; end: number } {
  const cursor = { bytes, at: from };
  const blockSize = Number(varint(cursor));
  const miniblocks = Number(varint(cursor));
  const many = Number(varint(cursor));
  let value = zigzag(varint(cursor));
  if (many > limit) throw new DamagedParquet(`${many} packed integers where at most ${limit} are expected`);
  const perMiniblock = blockSize / miniblocks;
  if (!(
    Number.isInteger(perMiniblock) &&
    perMiniblock > 0 &&
    perMiniblock % 8 === 0 &&
    blockSize <= 2 ** 20
  )) {
    throw new DamagedParquet('packed integers come in blocks of an impossible size');
  }
  const values = new BigInt64Array(many);
  if (many > 0) values[0] = value;
  let done = 1;
  while (done < many) {
    const least = zigzag(varint(cursor));
    const widths = bytes.subarray(cursor.at, cursor.at + miniblocks);
    if (widths.length < miniblocks) throw new DamagedParquet('packed integers are cut off');
    cursor.at += miniblocks;
    for (let i = 0; i < miniblocks && done < many; i++) {
      const width = widths[i]!;
      const length = (perMiniblock * width) / 8;
      if (width > 64 || cursor.at + length > bytes.length)
        throw new DamagedParquet('packed integers are cut off');
      for (let j = 0; j < perMiniblock && done < many; j++) {
        value = BigInt.asIntN(bits, value + least + unpacked(bytes, cursor.at, j * width, width));
        values[done++] = value;
      }
      cursor.at += length;
    }
  }
  return { values, end: cursor.at };
}

function unpacked(bytes: Uint8Array, from: number, bit: number, width: number): bigint {
  if (width <= 24) {
    const at = from + (bit >> 3);
    const word =
      bytes[at]! | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    return BigInt((word >>> (bit & 7)) & (2 ** width - 1));
  }
  let value = 0n;
  for (let i = 0; i < width; i++) {
    const at = bit + i;
    if ((bytes[from + (at >> 3)]! >> (at & 7)) & 1) value |= 1n << BigInt(i);
  }
  return value;
}

function varint(cursor: { bytes: Uint8Array; at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new DamagedParquet('packed integers are cut off');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw new DamagedParquet('a packed integer is damaged');
}

function zigzag(value: bigint): bigint {
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}
