import type { Instant } from '../kernel/world.ts';
import { emptyTally, merge } from './tally.ts';
import type { Tally } from './tally.ts';

export type MetricId = { namespace: string; name: string; dimensions: Record<string, string> };

/** The values of one metric between `at` and the next slot of its resolution. */
export type Point = { at: Instant; unit: string; tally: Tally };

export type Series = {
  readonly id: MetricId;
  readonly key: string;
  /** In order of time. */
  points: Point[];
  lastRecorded: Instant;
  /** Called when a value comes in: alarms that wait for data. */
  readonly watchers: Set<() => void>;
  foldAt: number;
};

const secondMs = 1000;
const hourMs = 3600 * secondMs;
const dayMs = 24 * hourMs;
const pointsBeforeFolding = 5000;

/** CloudWatch's retention: the older, the coarser; beyond the last row nothing is kept. */
const retention = [
  { olderThanMs: 3 * hourMs, slotMs: 60 * secondMs },
  { olderThanMs: 15 * dayMs, slotMs: 300 * secondMs },
  { olderThanMs: 63 * dayMs, slotMs: hourMs },
];
const longestMs = 455 * dayMs;

/** Dimensions are a set: their order makes no other metric. */
export function metricKey(id: MetricId): string {
  const dimensions = Object.entries(id.dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([id.namespace, id.name, ...dimensions.flat()]);
}

export const createSeries = (id: MetricId): Series => ({
  id,
  key: metricKey(id),
  points: [],
  lastRecorded: 0,
  watchers: new Set(),
  foldAt: pointsBeforeFolding,
});

/** The point of that slot, made if it is the first value there. */
export function pointAt(series: Series, at: Instant, unit: string): Point {
  const { points } = series;
  let index = points.length;
  while (index > 0 && (points[index - 1] as Point).at > at) index--;
  for (let same = index - 1; same >= 0; same--) {
    const point = points[same] as Point;
    if (point.at < at) break;
    if (point.unit === unit) return point;
  }
  const point = { at, unit, tally: emptyTally() };
  points.splice(index, 0, point);
  return point;
}

/** One tally for each period of [from, to) that has values; periods are aligned to the clock, from 1970 on. */
export function tallies(
  series: Series,
  range: { from: Instant; to: Instant; periodMs: number; unit?: string | undefined; offset?: number },
): Map<Instant, Tally> {
  const { from, to, periodMs, unit, offset = 0 } = range;
  const found = new Map<Instant, Tally>();
  for (let index = firstAtOrAfter(series.points, from); index < series.points.length; index++) {
    const point = series.points[index] as Point;
    if (point.at >= to) break;
    if (unit !== undefined && unit !== point.unit) continue;
    const slot = Math.floor((point.at - offset) / periodMs) * periodMs + offset;
    let tally = found.get(slot);
    if (tally === undefined) found.set(slot, (tally = emptyTally()));
    merge(tally, point.tally);
  }
  return found;
}

/** Puts old points together as CloudWatch's retention says, once there are many. */
export function foldOld(series: Series, now: Instant): void {
  if (series.points.length < series.foldAt) return;
  const old = series.points;
  series.points = [];
  for (const point of old) {
    const age = now - point.at;
    if (age > longestMs) continue;
    const slotMs = retention.findLast((step) => age > step.olderThanMs)?.slotMs ?? 1;
    merge(pointAt(series, Math.floor(point.at / slotMs) * slotMs, point.unit).tally, point.tally);
  }
  series.foldAt = Math.max(pointsBeforeFolding, 2 * series.points.length);
}

function firstAtOrAfter(points: readonly Point[], at: Instant): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] as Point).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
