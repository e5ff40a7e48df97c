import type {
  PutEventsCommandInput,
  PutEventsRequestEntry,
  TestEventPatternCommandInput,
} from '@aws-sdk/client-eventbridge';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { publish } from './bus.ts';
import { isObject } from './invalid-pattern.ts';
import { parsePattern } from './pattern.ts';
import { busArn, requireBus } from './records.ts';

export function eventOperations(world: World): Record<string, Operation> {
  return {
    /** Each entry is judged by itself; the answer is 200 also where some were refused. */
    PutEvents({ Entries: entries = [] }: PutEventsCommandInput) {
      const Entries = entries.map((entry) => putEvent(world, entry));
      return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
    },

    TestEventPattern({ EventPattern = '', Event = '' }: TestEventPatternCommandInput) {
      const event = parseObject(Event);
      const missing = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'].find(
        (name) => !(name in (event ?? {})),
      );
      if (event === undefined || missing !== undefined) {
        throw new AwsError(
          'ValidationException',
          `Parameter Event is not valid. Reason: ${missing === undefined ? 'not JSON' : `missing ${missing}`}.`,
        );
      }
      return { Result: parsePattern(EventPattern)(event) };
    },

    DescribeEventBus({ Name }: { Name?: string }) {
      requireBus(world, Name);
      return { Name: 'default', Arn: busArn(world) };
    },

    ListEventBuses: () => ({ EventBuses: [{ Name: 'default', Arn: busArn(world) }] }),
  };
}

function putEvent(world: World, entry: PutEventsRequestEntry) {
  const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name])
      return refuse(
        'InvalidArgument',
        `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      );
  }
  if (entry.Source?.startsWith('aws.'))
    return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseObject(entry.Detail ?? '');
  if (detail === undefined) return refuse('MalformedDetail', 'Detail is malformed.');
  if (
    entry.EventBusName !== undefined &&
    entry.EventBusName !== 'default' &&
    entry.EventBusName !== busArn(world)
  ) {
    return refuse('ResourceNotFoundException', `Event bus ${entry.EventBusName} does not exist.`);
  }
  const event = {
    source: entry.Source ?? '',
    'detail-type': entry.DetailType ?? '',
    resources: entry.Resources ?? [],
    detail,
  };
  return { EventId: publish(world, event, entry.Time?.getTime() ?? world.clock.now()) };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
