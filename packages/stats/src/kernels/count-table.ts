import { COUNT_ENTRIES, kernels, letGo, scratch, scratchTop, wordsAt } from './kernels.ts';

/**
 * The kernels' one table of counts, and what it counts now. It keeps its counts from one call to the next, also across an `await`: whoever
 * wants it for something else has it settled first, so that nothing is lost or mixed up.
 */
export type Counting = {
  /** Whose counts these are. */
  readonly of: object;
  /** The entries that may not be zero. */
  from: number;
  to: number;
  /** Called when the table is settled with entries that are not zero, in order: each one's index and, after it, its count. */
  readonly take: (entries: Uint32Array) => void;
  /** Called after that. */
  readonly taken?: () => void;
};

let current: Counting | undefined;

export function currentCounting(): Counting | undefined {
  return current;
}

/** Makes the table count this from now on. */
export function beginCounting<C extends Counting>(counting: C): C {
  settleCounts();
  current = counting;
  return counting;
}

/** Says which entries have been counted in. */
export function extendCounting(counting: Counting, first: number, last: number): void {
  counting.from = Math.min(counting.from, first);
  counting.to = Math.max(counting.to, last + 1);
}

/** Entries that are taken out at once. */
const TAKEN_AT_ONCE = 1 << 15;

/** Hands all counts to whose they are. */
export function settleCounts(): void {
  const settled = current;
  current = undefined;
  if (!settled) return;
  const since = scratchTop();
  const place = scratch(8 * TAKEN_AT_ONCE);
  const to = Math.min(settled.to, COUNT_ENTRIES);
  for (let from = settled.from; from < to; from += TAKEN_AT_ONCE) {
    const many = kernels().takeCounts(from, Math.min(to, from + TAKEN_AT_ONCE), place);
    if (many > 0) settled.take(wordsAt(place, 2 * many));
  }
  settled.taken?.();
  letGo(since);
}
