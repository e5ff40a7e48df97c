import { join } from 'node:path';
import { perWorld } from '../kernel/per-world.ts';
import type { Instant, World } from '../kernel/world.ts';
import { compactJournal, journalLine, lineTally, openJournal, readJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { createSeries, foldOld, metricKey, pointAt } from './series.ts';
import type { MetricId, Series } from './series.ts';
import { addValue, emptyTally, merge } from './tally.ts';
import type { Tally } from './tally.ts';

export type Metrics = {
  /** By key, in order of their first value. */
  readonly series: Map<string, Series>;
  readonly journal: Journal;
  /** Values the server recorded itself and has not written yet: key and slot → their tally. */
  readonly unwritten: Map<string, { series: Series; at: Instant; unit: string; tally: Tally }>;
  flushTimer: NodeJS.Timeout | undefined;
};

/** Values that the server itself records are written once in this many real milliseconds, not one by one. */
const flushAfterMs = 1000;

/**
 * Records one value of a metric, as AWS's services do of themselves. It is seen by queries and alarms at once and is on
 * disk within a second.
 * @param value.timestamp milliseconds; the present when absent
 * @param value.resolution 60 (the default) puts the value on its minute, 1 on its second
 */
export function recordMetric(
  world: World,
  value: MetricId & { value: number; timestamp?: Instant; unit?: string; resolution?: 1 | 60 },
): void {
  const slotMs = (value.resolution ?? 60) * 1000;
  const at = Math.floor((value.timestamp ?? world.clock.now()) / slotMs) * slotMs;
  recordInto(world, seriesOf(world, value), at, value.value, value.unit ?? 'None');
}

/** `recordMetric` for callers that hold on to a series: no key is made for each value. */
export function recordInto(world: World, series: Series, at: Instant, value: number, unit: string): void {
  const { unwritten } = metrics(world);
  addValue(pointAt(series, at, unit).tally, value);
  const slot = `${series.key}${at}${unit}`;
  let waiting = unwritten.get(slot);
  if (waiting === undefined) unwritten.set(slot, (waiting = { series, at, unit, tally: emptyTally() }));
  addValue(waiting.tally, value);
  touched(world, series);
  scheduleFlush(world);
}

/** Adds a whole tally and writes it before it returns. */
export function putTally(world: World, id: MetricId, at: Instant, unit: string, tally: Tally): void {
  const series = seriesOf(world, id);
  merge(pointAt(series, at, unit).tally, tally);
  metrics(world).journal.append([journalLine(id, at, unit, tally)]);
  touched(world, series);
}

export function seriesOf(world: World, id: MetricId): Series {
  const { series } = metrics(world);
  const key = metricKey(id);
  let found = series.get(key);
  if (found === undefined) {
    const { namespace, name, dimensions } = id;
    series.set(key, (found = createSeries({ namespace, name, dimensions: { ...dimensions } })));
  }
  return found;
}

/** Every metric that ever had a value. */
export const allSeries = (world: World): Series[] =>
  [...metrics(world).series.values()].filter((series) => series.points.length > 0);

/** Writes what the server recorded itself. */
function flushMetrics(world: World): void {
  const state = metrics(world);
  clearTimeout(state.flushTimer);
  state.flushTimer = undefined;
  const lines = [...state.unwritten.values()].map(({ series, at, unit, tally }) =>
    journalLine(series.id, at, unit, tally),
  );
  state.unwritten.clear();
  state.journal.append(lines);
}

function touched(world: World, series: Series) {
  series.lastRecorded = world.clock.now();
  foldOld(series, series.lastRecorded);
  for (const watcher of series.watchers) watcher();
}

/** Real time, not the clock's: this is about what a crash may lose, not about what AWS does. */
function scheduleFlush(world: World) {
  const state = metrics(world);
  state.flushTimer ??= setTimeout(() => flushMetrics(world), flushAfterMs).unref();
}

const metrics = (world: World): Metrics => perWorld(world, 'cloudwatch.metrics', () => openMetrics(world));

function openMetrics(world: World): Metrics {
  const file = join(world.directory, 'cloudwatch', 'metrics.jsonl');
  const series = new Map<string, Series>();
  const lines = readJournal(file);
  let points = 0;
  for (const line of lines) {
    const [[namespace, name, dimensions], at, unit] = line;
    const key = metricKey({ namespace, name, dimensions });
    let one = series.get(key);
    if (one === undefined) series.set(key, (one = createSeries({ namespace, name, dimensions })));
    merge(pointAt(one, at, unit).tally, lineTally(line));
    one.lastRecorded = Math.max(one.lastRecorded, at);
  }
  for (const one of series.values()) {
    foldOld(one, world.clock.now());
    points += one.points.length;
  }
  if (lines.length > 2 * points + 64) compactJournal(file, series.values());
  const journal = openJournal(file);
  world.onClose(() => {
    flushMetrics(world);
    journal.close();
  });
  return { series, journal, unwritten: new Map(), flushTimer: undefined };
}
