import type { Facts } from './facts.ts';

/** Where a moment stands on an axis that leaves out long stretches in which nothing happened. */
export type Stretch = { x(at: number): number; readonly end: number };

/** A gap longer than this many times the median chapter is shown as if it were that long. */
const longestGap = 0.5;

export function stretch(facts: Facts, from: number, to: number): Stretch {
  const moments = [
    ...facts.timeline.map(({ at }) => at),
    ...facts.chapters.flatMap(({ startedAt, completedAt }) => [startedAt, completedAt]),
  ].sort((a, b) => a - b);
  const spans = facts.chapters
    .map(({ startedAt, completedAt }) => completedAt - startedAt)
    .sort((a, b) => a - b);
  const limit = Math.max(1, (spans[Math.floor(spans.length / 2)] ?? 1) * longestGap);
  const places: { at: number; along: number }[] = [];
  let along = 0;
  for (const [index, at] of moments.entries()) {
    along += index === 0 ? 0 : Math.min(at - moments[index - 1]!, limit);
    places.push({ at, along });
  }
  const whole = Math.max(1, along);
  const end = moments.at(-1) ?? 0;
  return {
    end,
    x(at) {
      const index = places.findLastIndex((place) => place.at <= at);
      const place = places[Math.max(0, index)];
      if (place === undefined) return from;
      const beyond = Math.min(Math.max(0, at - place.at), limit);
      return Math.round((from + ((place.along + beyond) / whole) * (to - from)) * 10) / 10;
    },
  };
}
