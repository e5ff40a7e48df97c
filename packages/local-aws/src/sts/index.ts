import type {
  AssumeRoleCommandInput,
  GetAccessKeyInfoCommandInput,
  GetSessionTokenCommandInput,
} from '@aws-sdk/client-sts';
import { AwsError } from '../kernel/errors.ts';
import type { Call, CreateService } from '../kernel/world.ts';
import { roleByArn } from '../iam/roles.ts';
import { trusts } from '../iam/trust.ts';
import { credentials, identity, roleIdentity, sessionSeconds, startSession } from './sessions.ts';
import { webIdentityOperations } from './web-identity.ts';

const sessionName = { min: 2, max: 64, pattern: '[\\w+=,.@-]*' };
const roleArn = {
  min: 20,
  max: 2048,
  pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD]+',
};
const duration = { min: 900, max: 43_200 };

export const createSts: CreateService = (world) => ({
  operations: {
    GetCallerIdentity(_input: object, { accessKeyId }: Call) {
      const { arn, userId } = identity(world, accessKeyId);
      return { UserId: userId, Account: world.account, Arn: arn };
    },

    AssumeRole(input: AssumeRoleCommandInput, { accessKeyId }: Call) {
      const caller = identity(world, accessKeyId);
      const role = roleByArn(world, input.RoleArn ?? '');
      const context = new Map<string, string[]>();
      if (input.ExternalId !== undefined) context.set('sts:externalid', [input.ExternalId]);
      context.set('sts:rolesessionname', [input.RoleSessionName ?? '']);
      const principal = { type: 'AWS' as const, id: caller.arn, account: world.account };
      if (role === undefined || !trusts(role, principal, 'sts:AssumeRole', context)) {
        const text = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`;
        throw new AwsError('AccessDenied', text, 403);
      }
      const who = roleIdentity(world, role, input.RoleSessionName ?? '');
      const session = startSession(world, who, sessionSeconds(input.DurationSeconds, role));
      return {
        Credentials: credentials(session),
        AssumedRoleUser: { AssumedRoleId: who.userId, Arn: who.arn },
      };
    },

    ...webIdentityOperations(world),

    GetSessionToken: ({ DurationSeconds = 43_200 }: GetSessionTokenCommandInput, { accessKeyId }: Call) => ({
      Credentials: credentials(startSession(world, identity(world, accessKeyId), DurationSeconds)),
    }),

    GetAccessKeyInfo: (_input: GetAccessKeyInfoCommandInput) => ({ Account: world.account }),
  },
  constraints: {
    'AssumeRoleRequest.RoleArn': roleArn,
    'AssumeRoleRequest.RoleSessionName': sessionName,
    'AssumeRoleRequest.DurationSeconds': duration,
    'AssumeRoleWithWebIdentityRequest.RoleArn': roleArn,
    'AssumeRoleWithWebIdentityRequest.RoleSessionName': sessionName,
    'AssumeRoleWithWebIdentityRequest.WebIdentityToken': { min: 4, max: 20_000 },
    'AssumeRoleWithWebIdentityRequest.DurationSeconds': duration,
    'GetSessionTokenRequest.DurationSeconds': { min: 900, max: 129_600 },
  },
});
