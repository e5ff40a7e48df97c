import type { World } from './world.ts';

const attached = new WeakMap<World, Map<string, unknown>>();

/** What is kept in memory for one world only: made at the first call, the same ever after. */
export function perWorld<T>(world: World, key: string, init: () => T): T {
  let things = attached.get(world);
  if (things === undefined) attached.set(world, (things = new Map<string, unknown>()));
  if (!things.has(key)) things.set(key, init());
  return things.get(key) as T;
}
