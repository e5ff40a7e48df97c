import type { Instant, Table, World } from '../kernel/world.ts';

export type KeyRecord = {
  id: string;
  arn: string;
  spec: string;
  description: string;
  created: Instant;
  enabled: boolean;
  /** Set while the key waits to be deleted. */
  deletion?: Instant;
  /** PEM of PKCS #8. */
  privateKey: string;
  /** By name. */
  tags: Record<string, string>;
};

export type AliasRecord = { name: string; keyId: string; created: Instant; updated: Instant };

const keyTable = (world: World): Table<KeyRecord> => world.store.table('kms-keys');

/** By name, `alias/…`. */
export const aliases = (world: World): Table<AliasRecord> => world.store.table('kms-aliases');

/** By id. Keys whose waiting period is over are deleted first, and with them their aliases. */
export function keys(world: World): Table<KeyRecord> {
  const table = keyTable(world);
  for (const { id, deletion } of table.values()) {
    if (deletion === undefined || deletion > world.clock.now()) continue;
    for (const { name, keyId } of aliases(world).values()) if (keyId === id) aliases(world).delete(name);
    table.delete(id);
  }
  return table;
}

export const arnOf = ({ region, account }: World, resource: string) =>
  `arn:aws:kms:${region}:${account}:${resource}`;
