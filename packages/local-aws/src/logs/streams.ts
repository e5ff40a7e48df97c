import type { Instant, World } from '../kernel/world.ts';
import { createGroup, createStream, groupsOf, streamKey, streamsOf } from './groups.ts';
import { writeEvents } from './journal.ts';

/**
 * What AWS's own services do when something they run says a line: the group and the stream come into being with it.
 * On disk when it returns. Lines longer than CloudWatch Logs takes are cut.
 */
export function appendLog(
  world: World,
  group: string,
  stream: string,
  lines: { timestamp: Instant; message: string }[],
): void {
  if (groupsOf(world).get(group) === undefined) createGroup(world, { name: group, tags: {} });
  if (streamsOf(world).get(streamKey(group, stream)) === undefined) createStream(world, group, stream);
  const events = lines
    .filter(({ message }) => message !== '')
    .map(({ timestamp, message }) => ({ timestamp, message: message.slice(0, longestMessage) }));
  writeEvents(world, group, stream, events);
}

/** 1 MB in the worst case of four bytes a character. */
const longestMessage = 256 * 1024;
