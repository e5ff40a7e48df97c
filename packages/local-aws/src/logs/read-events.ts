import type {
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../kernel/errors.ts';
import type { Instant, World } from '../kernel/world.ts';
import { foundGroup, foundStream, groupName, streamsOf } from './groups.ts';
import { eventsOf, firstAt, type LogEvent } from './journal.ts';
import { matcher } from './pattern.ts';

/** A page holds at most this many events and about this many bytes. */
const pageEvents = 10_000;
const pageBytes = 1_048_576;
const dayMs = 24 * 3_600_000;

/** A place between events of one stream: `f` and what follows it, `b` and what precedes it. */
const streamToken = /^([fb])\/(\d+)\/(-?\d+)$/;

/**
 * One page of a stream. Both tokens are always there; the one that was given comes back where there is nothing more
 * in its direction, as clients expect.
 */
export function getLogEvents(world: World, input: GetLogEventsRequest): GetLogEventsResponse {
  const group = groupName(input);
  foundStream(world, group, input.logStreamName as string);
  const events = visible(world, group, input.logStreamName as string, input);
  const limit = input.limit ?? pageEvents;
  const [, direction, timestamp, sequence] = streamToken.exec(input.nextToken ?? '') ?? [];
  if (input.nextToken !== undefined && direction === undefined) {
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  const place = { timestamp: Number(timestamp), sequence: Number(sequence) };
  const forward = direction === undefined ? input.startFromHead === true : direction === 'f';
  const candidates =
    direction === undefined
      ? events
      : events.filter((event) => (forward ? compare(event, place) > 0 : compare(event, place) < 0));
  const page = forward ? fitting(candidates, limit) : fitting(candidates.toReversed(), limit).toReversed();
  const first = page[0];
  const last = page.at(-1);
  const start = { timestamp: input.startTime ?? 0, sequence: -1 };
  const token = (kind: 'f' | 'b', at: typeof place | undefined) =>
    at === undefined
      ? `${kind}/${(direction === undefined ? start : place).timestamp}/${(direction === undefined ? start : place).sequence}`
      : `${kind}/${at.timestamp}/${at.sequence}`;
  return {
    events: page.map(({ timestamp, message, ingestedAt }) => ({
      timestamp,
      message,
      ingestionTime: ingestedAt,
    })),
    nextForwardToken: token('f', last),
    nextBackwardToken: token('b', first),
  };
}

type Placed = LogEvent & { stream: string };

/** One page of a group's events, over all or some of its streams, by time. */
export function filterLogEvents(world: World, input: FilterLogEventsRequest): FilterLogEventsResponse {
  const group = groupName(input);
  foundGroup(world, group);
  if (input.logStreamNames !== undefined && input.logStreamNamePrefix !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      'logStreamNamePrefix and logStreamNames cannot both be specified.',
    );
  }
  for (const name of input.logStreamNames ?? []) foundStream(world, group, name);
  const matches = matcher(input.filterPattern);
  const token = readToken(input.nextToken);
  const forward = token?.forward ?? input.startFromHead ?? true;
  const streams = streamsOf(world)
    .values()
    .filter((stream) => stream.group === group)
    .map((stream) => stream.name)
    .filter(
      (name) => input.logStreamNames?.includes(name) ?? name.startsWith(input.logStreamNamePrefix ?? ''),
    );
  const found = streams
    .flatMap((stream): Placed[] =>
      visible(world, group, stream, input).map((event) => ({ ...event, stream })),
    )
    .filter((event) => matches(event.message))
    .sort(byTime);
  const ordered = forward ? found : found.toReversed();
  const rest =
    token === undefined
      ? ordered
      : ordered.filter((event) => (forward ? byTime(event, token) > 0 : byTime(event, token) < 0));
  const page = fitting(rest, input.limit ?? pageEvents);
  const last = page.at(-1);
  return {
    events: page.map((event) => ({
      logStreamName: event.stream,
      timestamp: event.timestamp,
      message: event.message,
      ingestionTime: event.ingestedAt,
      eventId: eventId(event),
    })),
    searchedLogStreams: [],
    ...(last !== undefined && page.length < rest.length ? { nextToken: writeToken(forward, last) } : {}),
  };
}

/** Within the request's times (the end is not included) and the group's retention. */
function visible(
  world: World,
  group: string,
  stream: string,
  times: { startTime?: number | undefined; endTime?: number | undefined },
) {
  const { retentionInDays } = foundGroup(world, group);
  const kept = retentionInDays === undefined ? 0 : world.clock.now() - retentionInDays * dayMs;
  const events = eventsOf(world, group, stream);
  return events.slice(
    firstAt(events, Math.max(times.startTime ?? 0, kept)),
    firstAt(events, times.endTime ?? Infinity),
  );
}

function fitting<E extends { message: string }>(events: readonly E[], limit: number): E[] {
  let bytes = 0;
  const page: E[] = [];
  for (const event of events) {
    bytes += Buffer.byteLength(event.message) + 26;
    if (page.length === limit || (page.length > 0 && bytes > pageBytes)) break;
    page.push(event);
  }
  return page;
}

type Place = { timestamp: Instant; sequence: number };
const compare = (a: Place, b: Place) => a.timestamp - b.timestamp || a.sequence - b.sequence;
const byTime = (a: Place & { stream: string }, b: Place & { stream: string }) =>
  a.timestamp - b.timestamp || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.sequence - b.sequence);

/** AWS's are 56 digits too, and grow with time. */
const eventId = (event: Placed) =>
  `${String(event.timestamp).padStart(20, '0')}${String(event.sequence).padStart(16, '0')}${streamDigits(event.stream)}`;

function streamDigits(stream: string): string {
  let hash = 0n;
  for (const char of stream) hash = (hash * 1_000_003n + BigInt(char.codePointAt(0) ?? 0)) % 10n ** 20n;
  return String(hash).padStart(20, '0');
}

function writeToken(forward: boolean, { timestamp, stream, sequence }: Placed): string {
  return Buffer.from(JSON.stringify([forward, timestamp, stream, sequence])).toString('base64url');
}

function readToken(token: string | undefined) {
  if (token === undefined) return undefined;
  try {
    const [forward, timestamp, stream, sequence] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [
      boolean,
      number,
      string,
      number,
    ];
    return { forward, timestamp, stream, sequence };
  } catch {
    throw new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
  }
}
