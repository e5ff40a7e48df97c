import type { Facts } from './facts.ts';

/** Where a moment stands on an axis that leaves out long stretches in which nothing happened. */
export type TimeAxis = {
  x(at: number): number;
  /** The last moment of all. */
  readonly end: number;
  /** Where a stretch was left out: the moment after it. */
  readonly cuts: readonly number[];
};

/** A gap longer than this many times the median chapter is shown as if it were that long. */
const longestGap = 0.4;

export function timeAxis({ timeline, chapters }: Facts, from: number, to: number): TimeAxis {
  const moments = [
    ...timeline.map(({ at }) => at),
    ...chapters.flatMap(({ startedAt, completedAt }) => [startedAt, completedAt]),
  ].sort((a, b) => a - b);
  const spans = chapters.map(({ startedAt, completedAt }) => completedAt - startedAt).sort((a, b) => a - b);
  const limit = Math.max(1, (spans[Math.floor(spans.length / 2)] ?? 1) * longestGap);
  const places: { at: number; along: number }[] = [];
  const cuts: number[] = [];
  let along = 0;
  for (const [index, at] of moments.entries()) {
    const gap = index === 0 ? 0 : at - moments[index - 1]!;
    // Only what is cut by much is worth a mark.
    if (gap > 3 * limit) cuts.push(at);
    along += Math.min(gap, limit);
    places.push({ at, along });
  }
  const whole = Math.max(1, along);
  return {
    end: moments.at(-1) ?? 0,
    cuts,
    x(at) {
      const place =
        places[
          Math.max(
            0,
            places.findLastIndex((each) => each.at <= at),
          )
        ];
      if (place === undefined) return from;
      const beyond = Math.min(Math.max(0, at - place.at), limit);
      return Math.round((from + ((place.along + beyond) / whole) * (to - from)) * 10) / 10;
    },
  };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `23 Nov`, UTC. */
export function day(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
}

/** `07:12`, UTC. */
export function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** `2026-11-23 07:12:44`, UTC. */
export function instant(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19);
}
