import { letGo, memoryBytes, scratch, scratchTop, wordsAt } from '../kernels/kernels.ts';
import { HASH_BUCKETS } from './categories.ts';
import type { Categories } from './categories.ts';

type Many = NonNullable<Categories['many']>;

/**
 * Has a kernel count texts by their hashes: it is given where buckets, all zero, and registers lie, and both are taken back from there. What
 * scratch it needs may be taken before, or within.
 */
export function countHashesIn<T>(
  { buckets, registers }: Many,
  count: (buckets: number, registers: number) => T,
): T {
  const since = scratchTop();
  const places = { buckets: scratch(4 * HASH_BUCKETS), registers: scratch(registers.length) };
  memoryBytes().fill(0, places.buckets, places.buckets + 4 * HASH_BUCKETS);
  memoryBytes().set(registers, places.registers);
  const answer = count(places.buckets, places.registers);
  registers.set(memoryBytes().subarray(places.registers, places.registers + registers.length));
  const counted = wordsAt(places.buckets, HASH_BUCKETS);
  for (let bucket = 0; bucket < HASH_BUCKETS; bucket++) buckets[bucket]! += counted[bucket]!;
  letGo(since);
  return answer;
}
