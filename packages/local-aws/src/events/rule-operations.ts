import type {
  DeleteRuleCommandInput,
  DescribeRuleCommandInput,
  ListRulesCommandInput,
  ListTagsForResourceCommandInput,
  PutRuleCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-eventbridge';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { listPage } from './list-page.ts';
import { parsePattern } from './pattern.ts';
import { notFound, requireBus, requireRule, rules, type RuleRecord, type Tag } from './records.ts';
import { parseSchedule } from './schedule.ts';
import { reschedule } from './schedules.ts';

export function ruleOperations(world: World): Record<string, Operation> {
  const change = (name: string | undefined, changes: Partial<RuleRecord>) => {
    const rule = requireRule(world, name);
    rules(world).put(rule.name, { ...rule, ...changes });
    reschedule(world, rule.name);
  };
  return {
    PutRule(input: PutRuleCommandInput) {
      requireBus(world, input.EventBusName);
      const { Name: name = '', EventPattern, ScheduleExpression } = input;
      if (!EventPattern && !ScheduleExpression) {
        throw new AwsError(
          'ValidationException',
          'Parameter(s) EventPattern or ScheduleExpression must be specified.',
        );
      }
      if (input.State?.startsWith('ENABLED_')) throw notBuilt(`events:PutRule with State ${input.State}`);
      const previous = rules(world).get(name);
      const since =
        ScheduleExpression === previous?.schedule
          ? (previous?.since ?? world.clock.now())
          : world.clock.now();
      if (EventPattern) parsePattern(EventPattern);
      if (ScheduleExpression) parseSchedule(ScheduleExpression, since);
      const rule: RuleRecord = {
        name,
        arn: `arn:aws:events:${world.region}:${world.account}:rule/${name}`,
        ...(input.Description !== undefined && { description: input.Description }),
        ...(EventPattern && { pattern: EventPattern }),
        ...(ScheduleExpression && { schedule: ScheduleExpression }),
        ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
        enabled: input.State !== 'DISABLED',
        // Tags of a rule that is there are changed by TagResource alone.
        tags: previous?.tags ?? ((input.Tags ?? []) as Tag[]),
        since,
        targets: previous?.targets ?? {},
      };
      rules(world).put(name, rule);
      reschedule(world, name);
      return { RuleArn: rule.arn };
    },

    DescribeRule({ Name, EventBusName }: DescribeRuleCommandInput) {
      requireBus(world, EventBusName);
      return { ...describe(requireRule(world, Name)), CreatedBy: world.account };
    },

    ListRules(input: ListRulesCommandInput) {
      requireBus(world, input.EventBusName);
      const found = rules(world)
        .values()
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      const { items, NextToken } = listPage(found, ({ name }) => name, input);
      return { Rules: items.map(describe), NextToken };
    },

    EnableRule: ({ Name }: DescribeRuleCommandInput) => change(Name, { enabled: true }),
    DisableRule: ({ Name }: DescribeRuleCommandInput) => change(Name, { enabled: false }),

    /** Deleting what is not there succeeds. */
    DeleteRule({ Name = '', EventBusName }: DeleteRuleCommandInput) {
      requireBus(world, EventBusName);
      if (Object.keys(rules(world).get(Name)?.targets ?? {}).length > 0) {
        throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
      }
      rules(world).delete(Name);
      reschedule(world, Name);
    },

    TagResource({ ResourceARN, Tags }: TagResourceCommandInput) {
      const { name, tags } = byArn(world, ResourceARN);
      const merged = new Map([...tags, ...((Tags ?? []) as Tag[])].map(({ Key, Value }) => [Key, Value]));
      change(name, { tags: [...merged].map(([Key, Value]) => ({ Key, Value })) });
    },

    UntagResource({ ResourceARN, TagKeys }: UntagResourceCommandInput) {
      const { name, tags } = byArn(world, ResourceARN);
      change(name, { tags: tags.filter(({ Key }) => !TagKeys?.includes(Key)) });
    },

    ListTagsForResource: ({ ResourceARN }: ListTagsForResourceCommandInput) => ({
      Tags: byArn(world, ResourceARN).tags,
    }),
  };
}

function byArn(world: World, arn: string | undefined) {
  const rule = rules(world)
    .values()
    .find((known) => known.arn === arn);
  if (rule) return rule;
  throw notFound(`Rule ${arn?.split('/').at(-1)} does not exist on EventBus default.`);
}

const describe = (rule: RuleRecord) => ({
  Name: rule.name,
  Arn: rule.arn,
  Description: rule.description,
  EventPattern: rule.pattern,
  ScheduleExpression: rule.schedule,
  State: rule.enabled ? ('ENABLED' as const) : ('DISABLED' as const),
  RoleArn: rule.roleArn,
  EventBusName: 'default',
});
