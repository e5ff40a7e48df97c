import type { PutLogEventsRequest, PutLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { foundGroup, foundStream } from './groups.ts';
import { eventOverheadBytes, writeEvents } from './journal.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const largestBatchBytes = 1_048_576;

/** Events that are too old or too new are left out of a call that succeeds, as AWS leaves them out. */
export function putLogEvents(world: World, input: PutLogEventsRequest): PutLogEventsResponse {
  const group = input.logGroupName as string;
  const stream = input.logStreamName as string;
  foundStream(world, group, stream);
  const events = (input.logEvents ?? []).map((event) => ({
    timestamp: event.timestamp as number,
    message: event.message as string,
  }));
  check(events);
  const now = world.clock.now();
  const { retentionInDays } = foundGroup(world, group);
  const oldest = now - 14 * dayMs;
  const expired = retentionInDays === undefined ? -Infinity : now - retentionInDays * dayMs;
  const tooNew = events.findIndex((event) => event.timestamp > now + 2 * hourMs);
  const taken = events.filter(
    (event) => event.timestamp >= oldest && event.timestamp >= expired && event.timestamp <= now + 2 * hourMs,
  );
  writeEvents(world, group, stream, taken);
  const tooOldEnd = events.filter((event) => event.timestamp < oldest).length;
  const expiredEnd = events.filter((event) => event.timestamp < expired).length;
  const rejectedLogEventsInfo = {
    ...(tooNew === -1 ? {} : { tooNewLogEventStartIndex: tooNew }),
    ...(tooOldEnd === 0 ? {} : { tooOldLogEventEndIndex: tooOldEnd }),
    ...(expiredEnd === 0 ? {} : { expiredLogEventEndIndex: expiredEnd }),
  };
  return Object.keys(rejectedLogEventsInfo).length === 0 ? {} : { rejectedLogEventsInfo };
}

function check(events: { timestamp: number; message: string }[]) {
  const refuse = (message: string): never => {
    throw new AwsError('InvalidParameterException', message);
  };
  if (events.some((event, index) => event.timestamp < (events[index - 1]?.timestamp ?? -Infinity))) {
    refuse('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > dayMs) {
    refuse('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
  const bytes = events.reduce(
    (total, { message }) => total + Buffer.byteLength(message) + eventOverheadBytes,
    0,
  );
  if (bytes > largestBatchBytes)
    refuse(`Upload too large: ${bytes} bytes exceeds limit of ${largestBatchBytes}`);
}
