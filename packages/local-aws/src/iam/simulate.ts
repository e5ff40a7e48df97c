import type {
  ContextEntry,
  SimulateCustomPolicyCommandInput,
  SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { missingKeys, type Context } from './conditions.ts';
import { appliesToAction, evaluate, type Sourced } from './evaluate.ts';
import { noSuchEntity } from './names.ts';
import { parsePolicy } from './policy-document.ts';
import { policies } from './records.ts';
import { roleByArn } from './roles.ts';

/** The only one of AWS's managed policies whose whole text is one line. */
const administratorAccess =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

/** Plain evaluation of identity policies; boundaries, resource policies and organisations' policies are refused. */
export function simulateOperations(world: World): Record<string, Operation> {
  return {
    SimulatePrincipalPolicy(input: SimulatePrincipalPolicyCommandInput) {
      refuse(input);
      const role = roleByArn(world, input.PolicySourceArn ?? '');
      if (role === undefined)
        throw noSuchEntity(`The role with ARN ${input.PolicySourceArn} cannot be found.`);
      const inline = Object.entries(role.inlinePolicies).flatMap(([name, text]) =>
        sourced(text, `role_${role.name}_${name}`),
      );
      const attached = Object.entries(role.attachedPolicies).flatMap(([arn, name]) =>
        sourced(documentOf(world, arn), name),
      );
      return simulate(input, [...inline, ...attached]);
    },

    SimulateCustomPolicy(input: SimulateCustomPolicyCommandInput) {
      refuse(input);
      return simulate(input, []);
    },
  };
}

function documentOf(world: World, arn: string): string {
  if (arn === 'arn:aws:iam::aws:policy/AdministratorAccess') return administratorAccess;
  const policy = policies(world).get(arn);
  if (policy) return policy.document;
  throw new AwsError(
    'PolicyEvaluation',
    `The text of ${arn} is not known to this local AWS, so nothing can be said of it.`,
    500,
  );
}

const sourced = (text: string, policy: string): Sourced[] =>
  parsePolicy(text, 'identity').map((statement) => ({ statement, policy }));

type SimulateInput = {
  ActionNames?: string[] | undefined;
  ResourceArns?: string[] | undefined;
  PolicyInputList?: string[] | undefined;
  ContextEntries?: ContextEntry[] | undefined;
};

function simulate(input: SimulateInput, own: readonly Sourced[]) {
  const given = (input.PolicyInputList ?? []).flatMap((text, index) =>
    sourced(text, `PolicyInputList.${index + 1}`),
  );
  const statements = [...own, ...given];
  const context: Context = new Map(
    (input.ContextEntries ?? []).map(({ ContextKeyName, ContextKeyValues }) => [
      (ContextKeyName ?? '').toLowerCase(),
      ContextKeyValues ?? [],
    ]),
  );
  const pairs = (input.ActionNames ?? []).flatMap((action) =>
    (input.ResourceArns ?? ['*']).map((resource) => ({ action, resource })),
  );
  return {
    IsTruncated: false,
    EvaluationResults: pairs.map(({ action, resource }) => {
      const { decision, decidedBy } = evaluate(statements, action, resource, context);
      const relevant = statements.filter(({ statement }) => appliesToAction(statement, action));
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: decision,
        MatchedStatements: decidedBy.map(({ policy }) => ({
          SourcePolicyId: policy,
          SourcePolicyType: 'IAM Policy',
        })),
        MissingContextValues: [
          ...new Set(relevant.flatMap(({ statement }) => missingKeys(statement.conditions, context))),
        ],
      };
    }),
  };
}

function refuse(input: object) {
  const unsupported = [
    'PermissionsBoundaryPolicyInputList',
    'ResourcePolicy',
    'PolicyExclusionList',
    'ResourceHandlingOption',
  ];
  const found = unsupported.find((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (found !== undefined)
    throw new AwsError('NotImplemented', `A simulation with ${found} is not built in this local AWS.`, 501);
}
