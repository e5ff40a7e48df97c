import { viewOf } from '../read/view.ts';

// MurmurHash3's constants; sql/hash.ts computes the same of them.
export const FIRST_SEED = 0x2f0b4f47;
export const SECOND_SEED = 0x6c62272e;
export const FIRST_FACTOR = 0xcc9e2d51;
export const SECOND_FACTOR = 0x1b873593;
export const FIRST_MIX = 0x85ebca6b;
export const SECOND_MIX = 0xc2b2ae35;

/** Two 32-bit hashes of the same thing, written into this pair: no allocation in a loop over rows. */
export const hashed = new Uint32Array(2);

/** Bytes [from, to), four at a time with MurmurHash3's constants and finaliser, in two lanes. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): void {
  let first = FIRST_SEED;
  let second = SECOND_SEED;
  let i = from;
  const view = viewOf(bytes);
  for (; i + 4 <= to; i += 4) {
    const word = view.getInt32(i, true);
    first = Math.imul(first ^ word, FIRST_FACTOR);
    first = (first << 15) | (first >>> 17);
    second = Math.imul(second + word, SECOND_FACTOR);
    second = (second << 13) | (second >>> 19);
  }
  let tail = to - from;
  for (; i < to; i++) tail = Math.imul(tail, 257) + bytes[i]! + 1;
  finish(Math.imul(first ^ tail, FIRST_FACTOR), Math.imul(second + tail, SECOND_FACTOR));
}

/** The two words of a double, −0 as 0. */
export function hashWords(high: number, low: number): void {
  const top = high === 0x80000000 && low === 0 ? 0 : high;
  finish(
    Math.imul(top, FIRST_FACTOR) ^ Math.imul(low, SECOND_FACTOR),
    Math.imul(low ^ FIRST_SEED, FIRST_FACTOR) + Math.imul(top, FIRST_MIX),
  );
}

const SCRATCH = { bytes: new Uint8Array(256), encoder: new TextEncoder() };

/** A text's UTF-8 bytes. */
export function hashText(text: string): void {
  if (text.length * 3 > SCRATCH.bytes.length) SCRATCH.bytes = new Uint8Array(text.length * 3);
  hashBytes(SCRATCH.bytes, 0, SCRATCH.encoder.encodeInto(text, SCRATCH.bytes).written);
}

function finish(a: number, b: number): void {
  hashed[0] = mix(a + Math.imul(b, 5));
  hashed[1] = mix(b + Math.imul(hashed[0], 9));
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, FIRST_MIX);
  h ^= h >>> 13;
  h = Math.imul(h, SECOND_MIX);
  return (h ^ (h >>> 16)) >>> 0;
}
