import type {
  ListRuleNamesByTargetCommandInput,
  ListTargetsByRuleCommandInput,
  PutTargetsCommandInput,
  RemoveTargetsCommandInput,
  Target,
} from '@aws-sdk/client-eventbridge';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { isApiDestination, isLogGroup } from './bus.ts';
import { isJsonPath } from './json-path.ts';
import { listPage } from './list-page.ts';
import { requireBus, requireRule, rules, type TargetRecord } from './records.ts';

const built = new Set([
  'Id',
  'Arn',
  'RoleArn',
  'Input',
  'InputPath',
  'InputTransformer',
  'HttpParameters',
  'RetryPolicy',
]);

export function targetOperations(world: World): Record<string, Operation> {
  return {
    PutTargets({ Rule, EventBusName, Targets = [] }: PutTargetsCommandInput) {
      requireBus(world, EventBusName);
      const rule = requireRule(world, Rule);
      const added = Targets.map(checkedTarget);
      const targets = { ...rule.targets, ...Object.fromEntries(added.map((target) => [target.Id, target])) };
      if (Object.keys(targets).length > 5) {
        throw new AwsError(
          'LimitExceededException',
          'The requested resource exceeds the maximum number allowed.',
        );
      }
      rules(world).put(rule.name, { ...rule, targets });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    RemoveTargets({ Rule, EventBusName, Ids = [] }: RemoveTargetsCommandInput) {
      requireBus(world, EventBusName);
      const rule = requireRule(world, Rule);
      const targets = Object.fromEntries(Object.entries(rule.targets).filter(([id]) => !Ids.includes(id)));
      rules(world).put(rule.name, { ...rule, targets });
      const missing = Ids.filter((id) => !(id in rule.targets));
      const FailedEntries = missing.map((TargetId) => ({
        TargetId,
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: `Rule ${rule.name} does not have target ${TargetId}.`,
      }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
    },

    ListTargetsByRule(input: ListTargetsByRuleCommandInput) {
      requireBus(world, input.EventBusName);
      const targets = Object.values(requireRule(world, input.Rule).targets);
      const { items, NextToken } = listPage(targets, ({ Id }) => Id, input);
      return { Targets: items, NextToken };
    },

    ListRuleNamesByTarget(input: ListRuleNamesByTargetCommandInput) {
      requireBus(world, input.EventBusName);
      const found = rules(world)
        .values()
        .filter(({ targets }) => Object.values(targets).some(({ Arn }) => Arn === input.TargetArn));
      const { items, NextToken } = listPage(found, ({ name }) => name, input);
      return { RuleNames: items.map(({ name }) => name), NextToken };
    },
  };
}

function checkedTarget(target: Target): TargetRecord {
  const { Id = '', Arn = '' } = target;
  const other = Object.keys(target).find((name) => !built.has(name));
  if (other !== undefined) throw notBuilt(`events:PutTargets with ${other}`);
  if (!isApiDestination(Arn) && !isLogGroup(Arn)) throw notBuilt(`events:PutTargets with the target ${Arn}`);
  const ways = [target.Input, target.InputPath, target.InputTransformer].filter((way) => way !== undefined);
  if (ways.length > 1)
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  const paths = [target.InputPath, ...Object.values(target.InputTransformer?.InputPathsMap ?? {})].filter(
    (path) => path !== undefined,
  );
  const wrong = paths.find((path) => !isJsonPath(path));
  if (wrong !== undefined) throw invalid(`Invalid InputPath for target ${Id}: ${wrong}`);
  return target as TargetRecord;
}

const invalid = (text: string) => new AwsError('ValidationException', text);
