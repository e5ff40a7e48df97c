import type {
  CreateLogGroupRequest,
  CreateLogStreamRequest,
  DeleteLogGroupRequest,
  DeleteLogStreamRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogStreamsRequest,
  FilterLogEventsRequest,
  GetLogEventsRequest,
  PutLogEventsRequest,
  PutRetentionPolicyRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../kernel/errors.ts';
import type { CreateService } from '../kernel/world.ts';
import { describeLogGroups, describeLogStreams } from './describe.ts';
import {
  createGroup,
  createStream,
  foundGroup,
  foundStream,
  groupsOf,
  streamKey,
  streamsOf,
} from './groups.ts';
import { deleteEvents } from './journal.ts';
import { putLogEvents } from './put-log-events.ts';
import { filterLogEvents, getLogEvents } from './read-events.ts';

/** Days that AWS takes (PutRetentionPolicy). */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** CloudWatch Logs: groups, streams and their events, each stream an append-only file. */
export const createLogs: CreateService = (world) => {
  const removeStream = (group: string, name: string) => {
    deleteEvents(world, group, name);
    streamsOf(world).delete(streamKey(group, name));
  };
  return {
    operations: {
      CreateLogGroup(input: CreateLogGroupRequest) {
        const { kmsKeyId } = input;
        createGroup(world, {
          name: input.logGroupName as string,
          tags: input.tags ?? {},
          ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
        });
        return {};
      },
      DeleteLogGroup(input: DeleteLogGroupRequest) {
        const { name } = foundGroup(world, input.logGroupName as string);
        for (const stream of streamsOf(world).values())
          if (stream.group === name) removeStream(name, stream.name);
        groupsOf(world).delete(name);
        return {};
      },
      DescribeLogGroups: (input: DescribeLogGroupsRequest) => describeLogGroups(world, input),
      PutRetentionPolicy(input: PutRetentionPolicyRequest) {
        const group = foundGroup(world, input.logGroupName as string);
        const days = input.retentionInDays as number;
        if (!retentions.includes(days)) {
          throw new AwsError(
            'InvalidParameterException',
            `Invalid retention value. Valid values are: [${retentions.join(', ')}]`,
          );
        }
        groupsOf(world).put(group.name, { ...group, retentionInDays: days });
        return {};
      },
      DeleteRetentionPolicy(input: DeleteRetentionPolicyRequest) {
        const { retentionInDays: _, ...group } = foundGroup(world, input.logGroupName as string);
        groupsOf(world).put(group.name, group);
        return {};
      },
      CreateLogStream(input: CreateLogStreamRequest) {
        createStream(world, input.logGroupName as string, input.logStreamName as string);
        return {};
      },
      DeleteLogStream(input: DeleteLogStreamRequest) {
        const stream = foundStream(world, input.logGroupName as string, input.logStreamName as string);
        removeStream(stream.group, stream.name);
        return {};
      },
      DescribeLogStreams: (input: DescribeLogStreamsRequest) => describeLogStreams(world, input),
      PutLogEvents: (input: PutLogEventsRequest) => putLogEvents(world, input),
      GetLogEvents: (input: GetLogEventsRequest) => getLogEvents(world, input),
      FilterLogEvents: (input: FilterLogEventsRequest) => filterLogEvents(world, input),
    },
  };
};
