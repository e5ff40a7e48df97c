import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { aliases, arnOf, keys, type KeyRecord } from './records.ts';

/** A key by its id or ARN. @throws NotFoundException */
export function requireKey(world: World, given = ''): KeyRecord {
  const id = given.startsWith('arn:') ? resourceOf(world, given).replace(/^key\//, '') : given;
  if (!/^(mrk-)?[0-9a-f-]+$/.test(id)) throw notFound(`Invalid keyId '${given}'`);
  const key = keys(world).get(id);
  if (key) return key;
  throw notFound(`Key '${arnOf(world, `key/${id}`)}' does not exist`);
}

/** A key by its id, its ARN, an alias or an alias's ARN. @throws NotFoundException */
export function resolveKey(world: World, given = ''): KeyRecord {
  const name = given.startsWith('arn:') ? resourceOf(world, given) : given;
  if (!name.startsWith('alias/')) return requireKey(world, given);
  const alias = aliases(world).get(name);
  const key = alias && keys(world).get(alias.keyId);
  if (key) return key;
  throw notFound(`Alias ${arnOf(world, name)} is not found.`);
}

/** A key that can be used now. @throws DisabledException, KMSInvalidStateException */
export function requireUsable(key: KeyRecord): KeyRecord {
  requireKept(key);
  if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  return key;
}

/** A key that does not wait to be deleted. @throws KMSInvalidStateException */
export function requireKept(key: KeyRecord): KeyRecord {
  if (key.deletion === undefined) return key;
  throw new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
}

export const notFound = (text: string) => new AwsError('NotFoundException', text);

function resourceOf(world: World, arn: string): string {
  const [, , service, region, account, ...resource] = arn.split(':');
  if (service === 'kms' && region === world.region && account === world.account) return resource.join(':');
  throw notFound(`Invalid arn ${region}`);
}
