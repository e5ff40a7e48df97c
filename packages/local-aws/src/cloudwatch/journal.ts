import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Instant } from '../kernel/world.ts';
import type { MetricId, Series } from './series.ts';
import { addSet, addValue, emptyTally } from './tally.ts';
import type { Tally } from './tally.ts';

/** What came in for one slot of one metric: values with how often each came, or only their sums. */
export type JournalLine = [
  id: [namespace: string, name: string, dimensions: Record<string, string>],
  at: Instant,
  unit: string,
  values: [value: number, times: number][] | { count: number; sum: number; min: number; max: number },
];

/**
 * Data points on disk: lines that are added up when they are read, so that each change is one short append and never
 * a rewrite. What was handed to the operating system survives `kill -9`.
 */
export type Journal = { append(lines: readonly JournalLine[]): void; close(): void };

export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  let descriptor: number | undefined = openSync(file, 'a');
  return {
    append(lines) {
      if (lines.length === 0 || descriptor === undefined) return;
      writeSync(descriptor, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** Every whole line; a last one that a crash cut off was never answered for, and is dropped. */
export function readJournal(file: string): JournalLine[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) replace(file, whole);
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalLine);
}

/** Rewrites the journal as one line a point. */
export function compactJournal(file: string, all: Iterable<Series>): void {
  const lines: string[] = [];
  for (const series of all) {
    for (const { at, unit, tally } of series.points) {
      lines.push(`${JSON.stringify(journalLine(series.id, at, unit, tally))}\n`);
    }
  }
  replace(file, lines.join(''));
}

export function journalLine(id: MetricId, at: Instant, unit: string, tally: Tally): JournalLine {
  const values = tally.values
    ? [...tally.values]
    : { count: tally.count, sum: tally.sum, min: tally.min, max: tally.max };
  return [[id.namespace, id.name, id.dimensions], at, unit, values];
}

export function lineTally(line: JournalLine): Tally {
  const tally = emptyTally();
  const [, , , values] = line;
  if (Array.isArray(values)) for (const [value, times] of values) addValue(tally, value, times);
  else addSet(tally, values);
  return tally;
}

/** A new name and a rename, so that a crash leaves the old file or the new one. */
function replace(file: string, text: string) {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
