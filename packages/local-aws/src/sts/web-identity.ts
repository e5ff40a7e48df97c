import type { AssumeRoleWithWebIdentityCommandInput } from '@aws-sdk/client-sts';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { issuerOf } from '../iam/oidc-operations.ts';
import { oidcProviders } from '../iam/records.ts';
import { roleByArn } from '../iam/roles.ts';
import { trusts } from '../iam/trust.ts';
import { credentials, roleIdentity, sessionSeconds, startSession } from './sessions.ts';
import { askIssuer, parseToken, verifyToken } from './web-token.ts';

export function webIdentityOperations(world: World): Record<string, Operation> {
  return {
    /** The one call that needs no signature: the token says who asks. */
    async AssumeRoleWithWebIdentity(input: AssumeRoleWithWebIdentityCommandInput) {
      const token = parseToken(input.WebIdentityToken ?? '');
      const { iss, aud, sub } = token.claims;
      if (typeof iss !== 'string' || typeof sub !== 'string')
        throw new AwsError('InvalidIdentityToken', 'Missing a required claim: iss, sub');
      const provider = providerOf(world, iss);
      const audience = [aud]
        .flat()
        .find((one) => typeof one === 'string' && provider.clientIds.includes(one)) as string | undefined;
      if (audience === undefined) throw new AwsError('InvalidIdentityToken', 'Incorrect token audience');
      verifyToken(token, await askIssuer(iss));
      const role = roleByArn(world, input.RoleArn ?? '');
      const context = new Map(
        Object.entries(token.claims).map(([claim, value]) => [
          `${provider.issuer}:${claim}`.toLowerCase(),
          [value].flat().map(String),
        ]),
      );
      context.set(`${provider.issuer}:aud`.toLowerCase(), [audience]);
      const principal = { type: 'Federated' as const, id: provider.arn, account: world.account };
      // One text for a role that is not there and one that does not trust: strangers learn nothing.
      if (role === undefined || !trusts(role, principal, 'sts:AssumeRoleWithWebIdentity', context)) {
        throw new AwsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
      }
      const who = roleIdentity(world, role, input.RoleSessionName ?? '');
      const session = startSession(world, who, sessionSeconds(input.DurationSeconds, role));
      return {
        Credentials: credentials(session),
        AssumedRoleUser: { AssumedRoleId: who.userId, Arn: who.arn },
        SubjectFromWebIdentityToken: sub,
        Audience: audience,
        Provider: provider.arn,
      };
    },
  };
}

function providerOf(world: World, iss: string) {
  const issuer = /^https?:/.test(iss) ? issuerOf(iss) : iss;
  const provider = oidcProviders(world)
    .values()
    .find((known) => known.issuer === issuer);
  if (provider) return provider;
  throw new AwsError('InvalidIdentityToken', `No OpenIDConnect provider found in your account for ${iss}`);
}
