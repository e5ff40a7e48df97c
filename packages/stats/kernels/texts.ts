// Texts of Parquet's PLAIN encoding, each after its length in four bytes, that are counted by their hashes alone.

import { addHashed, firstHash, hashBytes, secondHash } from './hash';

const HASH_BUCKETS: u32 = 1024;
/** Counters of a byte by which texts that cannot be frequent are told from those that may be. */
const SIEVE_SLOTS: u32 = 1 << 17;

/** Where the text after the last one walked begins. */
export let textsEnd: u32 = 0;

/**
 * Counts `many` texts by their hashes in `buckets` and `registers`, and in `sieve`, which must be zero; writes the slot of each.
 * @returns the largest count in the sieve, at least as large as that of any text or 255; −1 when the texts are cut off
 */
export function countTexts(
  from: u32,
  to: u32,
  many: u32,
  buckets: u32,
  registers: u32,
  sieve: u32,
  slots: u32,
): i32 {
  let at = from;
  let most: u32 = 0;
  const slotsEnd = slots + (many << 2);
  for (let slot = slots; slot < slotsEnd; slot += 4) {
    if (at + 4 > to) return -1;
    const length = load<u32>(at);
    at += 4;
    if (length > to - at) return -1;
    hashBytes(at, at + length);
    at += length;
    addHashed(registers);
    const bucket = buckets + ((firstHash & (HASH_BUCKETS - 1)) << 2);
    store<u32>(bucket, load<u32>(bucket) + 1);
    const place = sieve + (secondHash & (SIEVE_SLOTS - 1));
    const count = min(<u32>load<u8>(place) + 1, 255);
    store<u8>(place, <u8>count);
    store<u32>(slot, place);
    most = max(most, count);
  }
  textsEnd = at;
  return most;
}

/** Writes where each text begins and ends whose slot of the sieve holds more than `seldom`; returns how many there are. */
export function frequentTexts(from: u32, many: u32, slots: u32, seldom: u32, starts: u32, ends: u32): u32 {
  let at = from;
  let found: u32 = 0;
  for (let i: u32 = 0; i < many; i++) {
    const start = at + 4;
    at = start + load<u32>(at);
    if (load<u8>(load<u32>(slots + (i << 2))) <= seldom) continue;
    store<u32>(starts + (found << 2), start - from);
    store<u32>(ends + (found << 2), at - from);
    found++;
  }
  return found;
}

/** Writes where each of `many` texts begins and ends; false when they are cut off. */
export function findTexts(from: u32, to: u32, many: u32, starts: u32, ends: u32): bool {
  let at = from;
  for (let i: u32 = 0; i < many; i++) {
    if (at + 4 > to) return false;
    const length = load<u32>(at);
    at += 4;
    if (length > to - at) return false;
    store<u32>(starts + (i << 2), at - from);
    at += length;
    store<u32>(ends + (i << 2), at - from);
  }
  return true;
}

/**
 * Counts texts by their hashes, as countTexts does, each as often as its count of 32 bits says; those of 0 are passed over. Text i lies at
 * `bytes` + [starts[i], ends[i]).
 */
export function countHashes(
  bytes: u32,
  starts: u32,
  ends: u32,
  counts: u32,
  many: u32,
  buckets: u32,
  registers: u32,
): void {
  for (let at: u32 = 0; at < many << 2; at += 4) {
    const count = load<u32>(counts + at);
    if (count == 0) continue;
    hashBytes(bytes + load<u32>(starts + at), bytes + load<u32>(ends + at));
    addHashed(registers);
    const bucket = buckets + ((firstHash & (HASH_BUCKETS - 1)) << 2);
    store<u32>(bucket, load<u32>(bucket) + count);
  }
}
