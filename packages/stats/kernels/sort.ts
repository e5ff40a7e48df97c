// Doubles in the order of their bits, which groups those whose leading bits agree.

/** A digit is a byte. */
const DIGITS: u32 = 8;
const NEGATIVE_ZERO: u64 = 0x8000000000000000;

/** How many low bits the last call of `sortedRuns` dropped. */
export let droppedBits: u32 = 0;

/**
 * Sorts doubles by their bits, −0 as 0, and writes for each run of those that agree but for the dropped bits the first one and how many they
 * are, 16 bytes each. It drops `least` bits, or more where otherwise there were more than `most` runs.
 * @param work room for the doubles twice and 8 kB
 * @param runs room for as many as there may be
 * @returns how many runs there are
 */
export function sortedRuns(values: u32, many: u32, least: u32, most: u32, work: u32, runs: u32): u32 {
  const counts = work + (many << 4);
  const sorted = sort(values, many, work, work + (many << 3), counts);
  const end = sorted + (many << 3);
  droppedBits = max(least, neededBits(sorted, end, most, counts));
  let out = runs;
  let start = sorted;
  for (let at = sorted + 8; at <= end; at += 8) {
    if (at < end && (load<u64>(at) ^ load<u64>(start)) >> (<u64>droppedBits) == 0) continue;
    store<u64>(out, load<u64>(start));
    store<u32>(out, (at - start) >> 3, 8);
    out += 16;
    start = at;
  }
  return (out - runs) >> 4;
}

function sort(values: u32, many: u32, first: u32, second: u32, counts: u32): u32 {
  memory.fill(counts, 0, DIGITS << 10);
  const size = many << 3;
  for (let at: u32 = 0; at < size; at += 8) {
    let bits = load<u64>(values + at);
    if (bits == NEGATIVE_ZERO) bits = 0;
    store<u64>(first + at, bits);
    for (let digit: u32 = 0; digit < DIGITS; digit++) {
      const place = counts + (digit << 10) + ((<u32>((bits >> (digit << 3)) & 255)) << 2);
      store<u32>(place, load<u32>(place) + 1);
    }
  }
  let from = first;
  let to = second;
  for (let digit: u32 = 0; digit < DIGITS; digit++) {
    const own = counts + (digit << 10);
    const shift = <u64>(digit << 3);
    // Most often the leading digits of all are alike.
    if (load<u32>(own + ((<u32>((load<u64>(from) >> shift) & 255)) << 2)) == many) continue;
    let place = to;
    for (let entry = own; entry < own + 1024; entry += 4) {
      const length = load<u32>(entry) << 3;
      store<u32>(entry, place);
      place += length;
    }
    for (let at = from; at < from + size; at += 8) {
      const bits = load<u64>(at);
      const entry = own + ((<u32>((bits >> shift) & 255)) << 2);
      const next = load<u32>(entry);
      store<u64>(next, bits);
      store<u32>(entry, next + 8);
    }
    const swapped = from;
    from = to;
    to = swapped;
  }
  return from;
}

/** How many low bits must go for no more than `most` to be left that differ: neighbours differ for as long as their first difference is there. */
function neededBits(sorted: u32, end: u32, most: u32, tally: u32): u32 {
  memory.fill(tally, 0, 65 << 2);
  let distinct: u32 = 1;
  for (let at = sorted + 8; at < end; at += 8) {
    const difference = load<u64>(at) ^ load<u64>(at - 8);
    if (difference == 0) continue;
    distinct++;
    const place = tally + ((<u32>(64 - clz(difference))) << 2);
    store<u32>(place, load<u32>(place) + 1);
  }
  let dropped: u32 = 0;
  while (distinct > most) distinct -= load<u32>(tally + (++dropped << 2));
  return dropped;
}
