import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { given } from './answers.ts';
import type { Aws } from './connect.ts';
import { isNotFound } from './errors.ts';
import { UserError } from './user-error.ts';

export type Caller = { account: string; arn: string };

export function identity(aws: Aws) {
  return {
    /** Who we are to AWS; needs no permission. */
    async caller(): Promise<Caller> {
      const answer = await aws.client(STSClient).send(new GetCallerIdentityCommand({}));
      return { account: given(answer.Account, 'Account'), arn: given(answer.Arn, 'Arn') };
    },

    /** `unknown` where we may not look (iam:GetRole), which is common and no reason to stop. */
    async roleExists(arn: string): Promise<'exists' | 'missing' | 'unknown'> {
      const name = arn.slice(arn.lastIndexOf('/') + 1);
      try {
        await aws.client(IAMClient).send(new GetRoleCommand({ RoleName: name }));
        return 'exists';
      } catch (error) {
        if (isNotFound(error)) return 'missing';
        if (error instanceof UserError) return 'unknown';
        throw error;
      }
    },
  };
}
