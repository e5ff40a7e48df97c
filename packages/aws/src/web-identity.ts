import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { given } from './answers.ts';
import { connect, type Credentials } from './connect.ts';
import { systemClock, type Clock } from './clock.ts';
import { UserError } from './user-error.ts';

export type WebIdentity = {
  roleArn: string;
  /** 2–64 of `[\w+=,.@-]`: shows in CloudTrail. */
  sessionName: string;
  /** A fresh OIDC token; GitHub's live for minutes, so each renewal asks again. */
  token: () => Promise<string>;
  region?: string;
  clock?: Clock;
};

const RENEW_AT = 0.8;
// The SDK asks its provider again this long before what the provider calls the expiration.
const SDK_MARGIN_MS = 300_000;

/**
 * Credentials from GitHub's OIDC, renewed at 80 % of their life for as long as the run lasts: a rollout may take eight hours,
 * a session lasts one. If a renewal fails the session in hand is used until its real end.
 */
export function webIdentityCredentials(identity: WebIdentity): () => Promise<Credentials> {
  const clock = identity.clock ?? systemClock;
  let session: { credentials: Credentials; renewAt: number; expiresAt: number } | undefined;

  const assume = async (): Promise<NonNullable<typeof session>> => {
    const sts = connect(identity.region ? { region: identity.region, clock } : { clock });
    const askedAt = clock.now();
    const answer = await sts.client(STSClient).send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: identity.roleArn,
        RoleSessionName: identity.sessionName,
        WebIdentityToken: await identity.token(),
      }),
    );
    const credentials = given(answer.Credentials, 'Credentials');
    // The life is counted on AWS's clock from AWS's now, and spent on ours.
    const lifeMs = given(credentials.Expiration, 'Expiration').getTime() - sts.time();
    const renewAt = askedAt + lifeMs * RENEW_AT;
    return {
      renewAt,
      expiresAt: askedAt + lifeMs,
      credentials: {
        accessKeyId: given(credentials.AccessKeyId, 'AccessKeyId'),
        secretAccessKey: given(credentials.SecretAccessKey, 'SecretAccessKey'),
        sessionToken: given(credentials.SessionToken, 'SessionToken'),
        expiration: new Date(renewAt + SDK_MARGIN_MS),
      },
    };
  };

  return async () => {
    if (session && clock.now() < session.renewAt) return session.credentials;
    try {
      session = await assume();
    } catch (error) {
      if (session && clock.now() < session.expiresAt) return session.credentials;
      if (error instanceof UserError) {
        throw new UserError(
          `The role ${identity.roleArn} cannot be assumed from this workflow: ${error.message} ` +
            'Its trust policy must allow token.actions.githubusercontent.com for this repository.',
          { cause: error },
        );
      }
      throw error;
    }
    return session.credentials;
  };
}
