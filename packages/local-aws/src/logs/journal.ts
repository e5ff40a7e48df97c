import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Instant, World } from '../kernel/world.ts';
import { perWorld } from '../kernel/per-world.ts';
import { streamKey } from './groups.ts';

export type LogEvent = {
  timestamp: Instant;
  ingestedAt: Instant;
  message: string;
  /** Its place among all events ever written to the stream, from 0. */
  sequence: number;
};

/** The events of a stream by time, then by the order in which they were written; and what they weigh. */
type Journal = { file: string; events: LogEvent[]; storedBytes: number };

/** Besides its message, an event weighs 26 bytes (PutLogEvents, "constraints"). */
export const eventOverheadBytes = 26;

/** Adds events to a stream's file, one line each, and to what is kept of it in memory. */
export function writeEvents(
  world: World,
  group: string,
  stream: string,
  events: { timestamp: Instant; message: string }[],
): void {
  if (events.length === 0) return;
  const journal = journalOf(world, group, stream);
  const ingestedAt = world.clock.now();
  const lines = events.map(
    ({ timestamp, message }) => `${JSON.stringify([timestamp, ingestedAt, message])}\n`,
  );
  appendFileSync(journal.file, lines.join(''));
  for (const event of events) insert(journal, { ...event, ingestedAt, sequence: journal.events.length });
}

/** By time, then by the order of their writing. The list is the journal's own: it is not to be changed. */
export function eventsOf(world: World, group: string, stream: string): readonly LogEvent[] {
  return journalOf(world, group, stream).events;
}

export function storedBytes(world: World, group: string, stream: string): number {
  return journalOf(world, group, stream).storedBytes;
}

export function deleteEvents(world: World, group: string, stream: string): void {
  rmSync(journalOf(world, group, stream).file, { force: true });
  journals(world).delete(streamKey(group, stream));
}

/** Index of the first event at or after `timestamp`. */
export function firstAt(events: readonly LogEvent[], timestamp: Instant): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle] as LogEvent).timestamp < timestamp) low = middle + 1;
    else high = middle;
  }
  return low;
}

const journals = (world: World) => perWorld(world, 'logs.journals', () => new Map<string, Journal>());

function journalOf(world: World, group: string, stream: string): Journal {
  const key = streamKey(group, stream);
  let journal = journals(world).get(key);
  if (journal === undefined) {
    // A name may be longer than a file's may be, and hold slashes.
    const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
    const file = join(world.directory, 'logs', `${name}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    journals(world).set(key, (journal = { file, events: [], storedBytes: 0 }));
    if (existsSync(file)) load(journal);
  }
  return journal;
}

/** Reads a stream's file, dropping a last line that a crash cut off. */
function load(journal: Journal) {
  const bytes = readFileSync(journal.file);
  const end = bytes.lastIndexOf(10) + 1;
  if (end < bytes.length) truncateSync(journal.file, end);
  for (const line of bytes.toString('utf8', 0, end).split('\n').slice(0, -1)) {
    const [timestamp, ingestedAt, message] = JSON.parse(line) as [Instant, Instant, string];
    insert(journal, { timestamp, ingestedAt, message, sequence: journal.events.length });
  }
}

function insert(journal: Journal, event: LogEvent) {
  const { events } = journal;
  journal.storedBytes += Buffer.byteLength(event.message) + eventOverheadBytes;
  const last = events.at(-1);
  if (last === undefined || last.timestamp <= event.timestamp) events.push(event);
  else events.splice(firstAt(events, event.timestamp + 1), 0, event);
}
