import { DamagedParquet } from './damaged.ts';
import type { Shape } from './shape.ts';

/**
 * Stored numbers (PLAIN: one after another, little-endian) as doubles. Integers beyond ±2^53 become the nearest one.
 * @throws DamagedParquet when there are fewer than `many`
 */
export function plainNumbers(bytes: Uint8Array, from: number, many: number, shape: Shape): Float64Array {
  const width = widthOf(shape);
  if (width === 0) return decimalsOfAnyLength(bytes, from, many, shape.decimals ?? 0);
  if (from + many * width > bytes.length) throw new DamagedParquet('numbers are cut off');
  const part = aligned(bytes, from, many * width);
  const values = decode(part, many, shape);
  return scaled(
    values,
    shape.physical === 'INT32' ? 10 ** (shape.decimals ?? 0) * shape.divisor : shape.divisor,
  );
}

function widthOf({ physical, length }: Shape): number {
  if (physical === 'FIXED_LEN_BYTE_ARRAY') return length;
  if (physical === 'INT96') return 12;
  if (physical === 'BYTE_ARRAY') return 0;
  return physical === 'INT32' || physical === 'FLOAT' ? 4 : 8;
}

/** Typed arrays begin at multiples of eight: a view where the bytes do, else a copy. */
function aligned(bytes: Uint8Array, from: number, length: number): Uint8Array {
  if ((bytes.byteOffset + from) % 8 === 0) return bytes.subarray(from, from + length);
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(from, from + length));
  return copy;
}

function decode({ buffer, byteOffset, byteLength }: Uint8Array, many: number, shape: Shape): Float64Array {
  switch (shape.physical) {
    case 'DOUBLE':
      return new Float64Array(buffer, byteOffset, many);
    case 'FLOAT':
      return Float64Array.from(new Float32Array(buffer, byteOffset, many));
    case 'INT32':
      return shape.unsigned
        ? Float64Array.from(new Uint32Array(buffer, byteOffset, many))
        : Float64Array.from(new Int32Array(buffer, byteOffset, many));
    case 'INT64':
      return shape.decimals
        ? Float64Array.from(new BigInt64Array(buffer, byteOffset, many), (value) =>
            decimal(value, shape.decimals!),
          )
        : wide(new Uint32Array(buffer, byteOffset, 2 * many), many, shape.unsigned);
    case 'INT96':
      return nanosecondsAndDays(new Uint32Array(buffer, byteOffset, 3 * many), many);
    default: {
      const view = new DataView(buffer, byteOffset, byteLength);
      const { length } = shape;
      return Float64Array.from({ length: many }, (_, i) =>
        shape.decimals === undefined
          ? half(view.getUint16(2 * i, true))
          : decimal(bigEndian(view, i * length, length), shape.decimals),
      );
    }
  }
}

function wide(words: Uint32Array, many: number, unsigned: boolean): Float64Array {
  const values = new Float64Array(many);
  for (let i = 0; i < many; i++) {
    const high = words[2 * i + 1]!;
    values[i] = (unsigned ? high : high | 0) * 2 ** 32 + words[2 * i]!;
  }
  return values;
}

const JULIAN_1970 = 2_440_588;

/** Impala's timestamps, as Spark wrote them before 3.0: nanoseconds of a Julian day, as milliseconds since 1970. */
function nanosecondsAndDays(words: Uint32Array, many: number): Float64Array {
  return Float64Array.from({ length: many }, (_, i) => {
    const nanoseconds = words[3 * i + 1]! * 2 ** 32 + words[3 * i]!;
    return (words[3 * i + 2]! - JULIAN_1970) * 86_400_000 + nanoseconds / 1e6;
  });
}

/** An integer in two's complement, most significant byte first. */
function bigEndian(view: DataView, from: number, length: number): bigint {
  if (length === 0) return 0n;
  let value = BigInt(view.getInt8(from));
  for (let i = 1; i < length; i++) value = (value << 8n) | BigInt(view.getUint8(from + i));
  return value;
}

/** The double nearest to value / 10^decimals; beyond 2^53 a division would round twice. */
function decimal(value: bigint, decimals: number): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && decimals <= 22
    ? number / 10 ** decimals
    : Number(`${value}e-${decimals}`);
}

function half(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Decimals that each have their length before them. */
function decimalsOfAnyLength(bytes: Uint8Array, from: number, many: number, decimals: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  return Float64Array.from({ length: many }, () => {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity;
    if (at + 4 + length > bytes.length || length > 64) throw new DamagedParquet('decimals are cut off');
    at += 4 + length;
    return decimal(bigEndian(view, at - length, length), decimals);
  });
}

export function scaled(values: Float64Array, divisor: number): Float64Array {
  if (divisor !== 1) for (let i = 0; i < values.length; i++) values[i]! /= divisor;
  return values;
}

/** BYTE_STREAM_SPLIT: first bytes of all numbers, then second bytes, and so on; put together again. */
export function joinStreams(bytes: Uint8Array, from: number, many: number, shape: Shape): Uint8Array {
  const width = widthOf(shape);
  if (from + many * width > bytes.length) throw new DamagedParquet('numbers are cut off');
  const joined = new Uint8Array(many * width);
  for (let stream = 0; stream < width; stream++) {
    for (let i = 0; i < many; i++) joined[i * width + stream] = bytes[from + stream * many + i]!;
  }
  return joined;
}
