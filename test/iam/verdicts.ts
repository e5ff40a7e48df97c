import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { Aws } from '@tidegate/aws';
import { matchesWildcard } from '../../packages/local-aws/src/iam/wildcard.ts';
import type { Permission } from './permissions.ts';
import type { Statement } from './policies.ts';
import { isLaterAttempt } from './reasons.ts';

/** What of it IAM itself would deny the role, as it stands in the account. */
export async function deniedTo(roleArn: string, asked: readonly Permission[], aws: Aws): Promise<string[]> {
  const iam = aws.client(IAMClient);
  const answers = await Promise.all(
    asked.map(async ({ action, resource, context }) => {
      const { EvaluationResults = [] } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleArn,
          ActionNames: [action],
          ResourceArns: [resource],
          ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
            ContextKeyName,
            ContextKeyType: 'string',
            ContextKeyValues: [value],
          })),
        }),
      );
      return EvaluationResults[0]?.EvalDecision === 'allowed' ? [] : [`${action} ${resource}`];
    }),
  );
  return answers.flat();
}

/** Actions and resources of statements that no needed permission met: `Sid action`, `Sid resource`. */
export function idleIn(statements: readonly Statement[], needed: readonly Permission[]): string[] {
  return statements.flatMap(({ Sid, Action, Resource = [] }) => {
    const actions = [Action].flat();
    const met = needed.filter(
      ({ action, resource }) =>
        actions.includes(action) && Resource.some((pattern) => matchesWildcard(resource, pattern)),
    );
    const idle = [
      ...actions.filter((action) => !met.some((each) => each.action === action)),
      ...Resource.filter(
        (pattern) =>
          !isLaterAttempt(pattern) && !met.some(({ resource }) => matchesWildcard(resource, pattern)),
      ),
    ];
    return idle.map((of) => `${Sid} ${of}`);
  });
}

export function distinct(all: readonly Permission[]): Permission[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
