import { randomBytes } from 'node:crypto';
import { AwsError } from '../kernel/errors.ts';
import type { Instant, Table, World } from '../kernel/world.ts';
import { uniqueId } from '../iam/names.ts';
import type { RoleRecord } from '../iam/records.ts';

/** Temporary credentials that were handed out. */
export type SessionRecord = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expires: Instant;
  /** Of the assumed role: `arn:aws:sts::<account>:assumed-role/<role>/<session>`; of a user's session the user's own. */
  arn: string;
  userId: string;
};

/** By access key id. */
export const sessions = (world: World): Table<SessionRecord> => world.store.table('sts-sessions');

export type Identity = { arn: string; userId: string };

/** Whose key this is: a session's, or, for any other key, the account's one user. */
export function identity(world: World, accessKeyId: string | undefined): Identity {
  const session = sessions(world).get(accessKeyId ?? '');
  return session ?? { arn: `arn:aws:iam::${world.account}:user/local`, userId: 'AIDALOCALUSER00000000' };
}

export function startSession(world: World, { arn, userId }: Identity, seconds: number): SessionRecord {
  const session: SessionRecord = {
    accessKeyId: uniqueId('ASIA', 16),
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(120).toString('base64'),
    // Whole seconds, as answers spell them.
    expires: Math.floor(world.clock.now() / 1000) * 1000 + seconds * 1000,
    arn,
    userId,
  };
  sessions(world).put(session.accessKeyId, session);
  return session;
}

export function credentials({ accessKeyId, secretAccessKey, sessionToken, expires }: SessionRecord) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: new Date(expires),
  };
}

export function roleIdentity(world: World, role: RoleRecord, sessionName: string): Identity {
  return {
    arn: `arn:aws:sts::${world.account}:assumed-role/${role.name}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
  };
}

/** A role's session lasts as long as asked for, between 15 minutes and what the role allows. */
export function sessionSeconds(asked: number | undefined, role: RoleRecord): number {
  const seconds = asked ?? 3600;
  if (seconds <= role.maxSessionSeconds) return seconds;
  throw new AwsError(
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  );
}
