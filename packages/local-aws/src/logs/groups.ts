import type { Instant, World } from '../kernel/world.ts';
import { AwsError } from '../kernel/errors.ts';

export type LogGroup = {
  name: string;
  createdAt: Instant;
  retentionInDays?: number;
  kmsKeyId?: string;
  tags: Record<string, string>;
};

export type LogStream = { group: string; name: string; createdAt: Instant };

export const groupsOf = (world: World) => world.store.table<LogGroup>('logs.groups');
export const streamsOf = (world: World) => world.store.table<LogStream>('logs.streams');

/** Group names hold no `:`, so that the first one ends the group. */
export const streamKey = (group: string, stream: string) => `${group}:${stream}`;

export const groupArn = (world: World, group: string) =>
  `arn:aws:logs:${world.region}:${world.account}:log-group:${group}`;

/** @throws AwsError ResourceNotFoundException */
export function foundGroup(world: World, name: string): LogGroup {
  const group = groupsOf(world).get(name);
  if (group === undefined)
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

/** @throws AwsError ResourceNotFoundException */
export function foundStream(world: World, group: string, name: string): LogStream {
  foundGroup(world, group);
  const stream = streamsOf(world).get(streamKey(group, name));
  if (stream === undefined)
    throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  return stream;
}

/** The group that `logGroupName` or `logGroupIdentifier` (a name or an ARN) names. */
export function groupName(input: {
  logGroupName?: string | undefined;
  logGroupIdentifier?: string | undefined;
}): string {
  const { logGroupName, logGroupIdentifier } = input;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw new AwsError(
      'InvalidParameterException',
      'Exactly one of logGroupName and logGroupIdentifier must be specified.',
    );
  }
  return (
    logGroupName ??
    (logGroupIdentifier as string).replace(/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:/, '').replace(/:\*$/, '')
  );
}

export function createGroup(world: World, group: Omit<LogGroup, 'createdAt'>): void {
  if (groupsOf(world).get(group.name) !== undefined) {
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  groupsOf(world).put(group.name, { ...group, createdAt: world.clock.now() });
}

export function createStream(world: World, group: string, name: string): void {
  foundGroup(world, group);
  if (streamsOf(world).get(streamKey(group, name)) !== undefined) {
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
  }
  streamsOf(world).put(streamKey(group, name), { group, name, createdAt: world.clock.now() });
}
