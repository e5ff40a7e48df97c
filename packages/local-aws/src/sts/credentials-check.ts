import { AwsError } from '../kernel/errors.ts';
import type { ServiceEntry } from '../kernel/service-entry.ts';
import type { World } from '../kernel/world.ts';

type Expiring = { expires: number };

/**
 * Refuses credentials that this server handed out and that have expired on its clock. Signatures are not verified and
 * every other key is the account's user. Reads the table of sessions.ts without loading STS.
 */
export function checkCredentials(world: World, entry: ServiceEntry, accessKeyId: string | undefined): void {
  if (!accessKeyId?.startsWith('ASIA')) return;
  const session = world.store.table<Expiring>('sts-sessions').get(accessKeyId);
  if (session === undefined || world.clock.now() < session.expires) return;
  if (entry.protocol === 'restXml') throw new AwsError('ExpiredToken', 'The provided token has expired.');
  const code = entry.protocol === 'query' ? 'ExpiredToken' : 'ExpiredTokenException';
  throw new AwsError(
    code,
    'The security token included in the request is expired',
    entry.protocol === 'query' ? 403 : 400,
  );
}
