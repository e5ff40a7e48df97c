import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { foundGroup, groupArn, groupName, groupsOf, streamsOf, type LogStream } from './groups.ts';
import { eventsOf, storedBytes } from './journal.ts';

const largestPage = 50;

export function describeLogGroups(world: World, input: DescribeLogGroupsRequest): DescribeLogGroupsResponse {
  if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      'logGroupNamePrefix and logGroupNamePattern are mutually exclusive parameters',
    );
  }
  const groups = groupsOf(world)
    .values()
    .filter((group) => group.name.startsWith(input.logGroupNamePrefix ?? ''))
    .filter((group) => group.name.toLowerCase().includes((input.logGroupNamePattern ?? '').toLowerCase()))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { page, nextToken } = paged(groups, input.limit, input.nextToken);
  const streams = streamsOf(world).values();
  return {
    logGroups: page.map((group) => ({
      logGroupName: group.name,
      creationTime: group.createdAt,
      metricFilterCount: 0,
      arn: `${groupArn(world, group.name)}:*`,
      logGroupArn: groupArn(world, group.name),
      logGroupClass: 'STANDARD',
      storedBytes: streams
        .filter((stream) => stream.group === group.name)
        .reduce((sum, stream) => sum + storedBytes(world, group.name, stream.name), 0),
      ...(group.retentionInDays === undefined ? {} : { retentionInDays: group.retentionInDays }),
      ...(group.kmsKeyId === undefined ? {} : { kmsKeyId: group.kmsKeyId }),
    })),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

export function describeLogStreams(
  world: World,
  input: DescribeLogStreamsRequest,
): DescribeLogStreamsResponse {
  const group = groupName(input);
  foundGroup(world, group);
  const byTime = input.orderBy === 'LastEventTime';
  if (byTime && input.logStreamNamePrefix !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      'Cannot order by LastEventTime with a logStreamNamePrefix.',
    );
  }
  const lastEvent = (stream: LogStream) => eventsOf(world, group, stream.name).at(-1)?.timestamp ?? 0;
  const streams = streamsOf(world)
    .values()
    .filter((stream) => stream.group === group && stream.name.startsWith(input.logStreamNamePrefix ?? ''))
    .sort((a, b) => (byTime ? lastEvent(a) - lastEvent(b) : a.name < b.name ? -1 : 1));
  if (input.descending === true) streams.reverse();
  const { page, nextToken } = paged(streams, input.limit, input.nextToken);
  return {
    logStreams: page.map((stream) => described(world, stream)),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

function described(world: World, stream: LogStream) {
  const events = eventsOf(world, stream.group, stream.name);
  const [first, last] = [events[0], events.at(-1)];
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    arn: `${groupArn(world, stream.group)}:log-stream:${stream.name}`,
    // AWS keeps this member at 0 since 2019.
    storedBytes: 0,
    ...(first === undefined || last === undefined
      ? {}
      : {
          firstEventTimestamp: first.timestamp,
          lastEventTimestamp: last.timestamp,
          lastIngestionTime: last.ingestedAt,
        }),
  };
}

/** The token is the name of the last thing on the page: what is made meanwhile shifts nothing. */
function paged<T extends { name: string }>(
  all: readonly T[],
  limit = largestPage,
  token?: string,
): { page: T[]; nextToken: string | undefined } {
  const start =
    token === undefined
      ? 0
      : all.findIndex((one) => one.name === Buffer.from(token, 'base64url').toString()) + 1;
  if (token !== undefined && start === 0)
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  const page = all.slice(start, start + limit);
  const last = page.at(-1);
  const more = start + page.length < all.length;
  return {
    page,
    nextToken: more && last !== undefined ? Buffer.from(last.name).toString('base64url') : undefined,
  };
}
