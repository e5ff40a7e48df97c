import { perWorld } from '../kernel/per-world.ts';
import type { World } from '../kernel/world.ts';
import { objectsOf } from './records.ts';

const indexes = (world: World) => perWorld(world, 's3-key-index', () => new Map<string, string[]>());

/** A bucket's keys in the order of their UTF-8 bytes, sorted anew only after one came or went. */
export function sortedKeys(world: World, bucket: string): readonly string[] {
  let keys = indexes(world).get(bucket);
  if (keys === undefined) indexes(world).set(bucket, (keys = objectsOf(world, bucket).keys().sort(byUtf8)));
  return keys;
}

export function changed(world: World, bucket: string): void {
  indexes(world).delete(bucket);
}

/** The first index whose key is not before `key`. */
export function firstAtOrAfter(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byUtf8(keys[middle] as string, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** UTF-16 order and UTF-8 order differ only where surrogate pairs meet the characters above them. */
function byUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x === y) continue;
    const lifted = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
    return lifted(x) - lifted(y);
  }
  return a.length - b.length;
}
