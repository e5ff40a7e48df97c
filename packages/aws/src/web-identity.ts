import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { given } from './answers.ts';
import { connect, type Credentials, type CredentialSource } from './connect.ts';
import { UserError } from './user-error.ts';

export type WebIdentity = {
  roleArn: string;
  /** 2–64 of `[\w+=,.@-]`: shows in CloudTrail. */
  sessionName: string;
  /** A fresh OIDC token; GitHub's live for minutes, so each renewal asks again. */
  token: () => Promise<string>;
  region?: string;
  /** AWS's time: what a session's end is told in. Ours where it is not known better. */
  now?: () => number;
};

const RENEW_AT = 0.8;

type Session = { credentials: Credentials; renewAt: number; endsAt: number };

/**
 * Credentials from GitHub's OIDC, renewed at 80 % of their life for as long as the run lasts: a rollout may take eight hours,
 * a session lasts one. If a renewal fails the session in hand is used until its real end.
 */
export function webIdentityCredentials(identity: WebIdentity): CredentialSource {
  const now = identity.now ?? Date.now;
  let session: Session | undefined;
  return {
    async current() {
      if (session && now() < session.renewAt) return session.credentials;
      try {
        session = await assume(identity);
      } catch (error) {
        if (session && now() < session.endsAt) return session.credentials;
        throw refused(identity.roleArn, error);
      }
      return session.credentials;
    },
    expired() {
      session = undefined;
    },
  };
}

async function assume({ roleArn, sessionName, token, region }: WebIdentity): Promise<Session> {
  const sts = connect(region === undefined ? {} : { region });
  const answer = await sts.client(STSClient).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      WebIdentityToken: await token(),
    }),
  );
  const credentials = given(answer.Credentials, 'Credentials');
  const endsAt = given(credentials.Expiration, 'Expiration').getTime();
  const beganAt = sts.time();
  return {
    endsAt,
    renewAt: beganAt + (endsAt - beganAt) * RENEW_AT,
    credentials: {
      accessKeyId: given(credentials.AccessKeyId, 'AccessKeyId'),
      secretAccessKey: given(credentials.SecretAccessKey, 'SecretAccessKey'),
      sessionToken: given(credentials.SessionToken, 'SessionToken'),
    },
  };
}

function refused(roleArn: string, error: unknown): unknown {
  const { name, message, cause } = error as Error;
  if (name !== 'UserError') return error;
  return new UserError(
    `The role ${roleArn} cannot be assumed from this workflow (${(cause as Error | undefined)?.message ?? message}): ` +
      'its trust policy must allow token.actions.githubusercontent.com for this repository.',
    { cause: error },
  );
}
