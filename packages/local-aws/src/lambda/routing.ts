import { perWorld } from '../kernel/per-world.ts';
import type { World } from '../kernel/world.ts';
import { versionOf, type Resolved } from './names.ts';
import type { VersionRecord } from './records.ts';

/** Of an alias with weights, each version gets its share: of any hundred invocations a weight of 0.1 gets ten. */
export function chosen(world: World, { record, version, alias }: Resolved): VersionRecord {
  const [[other, weight] = ['', 0]] = Object.entries(alias?.weights ?? {});
  if (alias === undefined || weight === 0) return version;
  const owed = perWorld(world, 'lambda.owed', () => new Map<string, number>());
  const key = `${record.name}:${alias.name}`;
  const share = (owed.get(key) ?? 0) + weight;
  const isTurn = share >= 1 - 1e-9;
  owed.set(key, isTurn ? share - 1 : share);
  return (isTurn ? versionOf(record, other) : undefined) ?? version;
}
