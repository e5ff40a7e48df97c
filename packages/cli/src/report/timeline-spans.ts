import type { TimelineFact } from './facts.ts';

/** Something that lasted: a job, an alarm that rang, a share of the traffic. */
export type Span = { name: string; from: number; to: number };

export type JobSpan = Span & { state: string; kind: 'training' | 'other' };

/** From a job's first entry to its last. */
export function jobSpans(timeline: readonly TimelineFact[]): JobSpan[] {
  const spans = new Map<string, JobSpan>();
  for (const { kind, name, at, state, detail } of timeline) {
    if (kind !== 'job') continue;
    const from = spans.get(name)?.from ?? at;
    spans.set(name, {
      name,
      from,
      to: at,
      state,
      kind: detail?.['type'] === 'training' ? 'training' : 'other',
    });
  }
  return [...spans.values()];
}

export type AlarmLane = { name: string; rang: (Span & { reason: string })[] };

/** Each alarm with the times it stood at ALARM, those that never did at the end. */
export function alarmLanes(timeline: readonly TimelineFact[], end: number): AlarmLane[] {
  const changes = timeline.filter(({ kind }) => kind === 'alarm');
  const names = [...new Set(changes.map(({ name }) => name))];
  const lanes = names.map((name) => {
    const own = changes.filter((change) => change.name === name);
    const rang = own.flatMap(({ at, state, detail }, index) => {
      if (state !== 'ALARM') return [];
      const reason = typeof detail?.['reason'] === 'string' ? detail['reason'] : '';
      return [{ name, from: at, to: own[index + 1]?.at ?? end, reason }];
    });
    return { name, rang };
  });
  return lanes.sort((a, b) => Number(b.rang.length > 0) - Number(a.rang.length > 0));
}

/** A share of the traffic, and what lies below it in the stack. */
export type Share = Span & { share: number; below: number };

/** Each version's shares as long as they held, stacked in the order the versions appeared. */
export function trafficShares(
  timeline: readonly TimelineFact[],
  versions: readonly string[],
  end: number,
): Share[] {
  const found: Share[] = [];
  const changes = timeline.filter(({ traffic }) => traffic !== undefined);
  for (const [index, { at, traffic }] of changes.entries()) {
    const to = changes[index + 1]?.at ?? end;
    let below = 0;
    for (const name of versions) {
      const share = traffic?.[name] ?? 0;
      const last = found.findLast((each) => each.name === name);
      // A change of something else leaves the area as it is, in one piece.
      if (last?.to === at && last.share === share && last.below === below) last.to = to;
      else if (share > 0 && to > at) found.push({ name, from: at, to, share, below });
      below += share;
    }
  }
  return found;
}

/** The lowest free lane for each span, in the order they began. */
export function packed(spans: readonly Span[]): number[] {
  const free: number[] = [];
  return spans.map(({ from, to }) => {
    const found = free.findIndex((until) => until < from);
    const chosen = found < 0 ? free.length : found;
    free[chosen] = to;
    return chosen;
  });
}
