import { UserError } from '../errors.ts';
import { asText, type Json } from '../expressions/values.ts';
import type { Host } from '../host.ts';
import type { Conclusion, JobRecord } from '../records.ts';
import type { Live } from './live.ts';

type Holder = { name: string; start: () => void; cancel: (reason: string) => void };
type Group = { running: Holder | undefined; pending: Holder[] };
type Ended = { result: Conclusion; outputs: Record<string, string> };

const groupsOf = new WeakMap<Host, Map<string, Group>>();

/** GitHub's longest queue with `queue: max`. */
const MAX_QUEUE = 100;

export type ConcurrencyRequest = {
  /** `concurrency:` as evaluated; null where there is none. */
  written: Json;
  /** Groups that this run holds already. */
  held: string[];
  signal: AbortSignal;
  name: string;
  record?: JobRecord;
};

/**
 * Runs `body` when nothing else of its concurrency group runs. One may wait; a later one takes its place and the
 * earlier is cancelled (with `queue: max` up to 100 wait in order). `cancel-in-progress` cancels what runs.
 */
export async function withConcurrency(
  live: Live,
  { written, held, signal, name, record }: ConcurrencyRequest,
  body: (held: string[], signal: AbortSignal) => Promise<Ended>,
): Promise<Ended> {
  const setting = settingOf(written);
  if (!setting) return body(held, signal);
  const key = `${live.run.repository}:${setting.group}`.toLowerCase();
  if (held.includes(key)) {
    live.run.errors.push(
      `${name}: cancelled, because its own run already holds the concurrency group '${setting.group}'.`,
    );
    return { result: 'cancelled', outputs: {} };
  }

  const groups = groupsOf.get(live.host) ?? new Map<string, Group>();
  groupsOf.set(live.host, groups);
  const group = groups.get(key) ?? { running: undefined, pending: [] };
  groups.set(key, group);

  const own = new AbortController();
  const stop = AbortSignal.any([signal, own.signal]);
  const holder: Holder = {
    name,
    start: () => {},
    cancel(reason) {
      live.run.errors.push(`${name}: ${reason}`);
      own.abort();
    },
  };
  const turn = new Promise<void>((resolve) => {
    holder.start = resolve;
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  if (group.running) {
    wait(group, holder, setting);
    if (record) record.status = 'pending';
    else live.run.status = 'pending';
    live.announce();
  } else {
    group.running = holder;
    holder.start();
  }

  await turn;
  try {
    if (group.running !== holder) return { result: 'cancelled', outputs: {} };
    if (!record) {
      live.run.status = 'in_progress';
      live.announce();
    }
    return await body([...held, key], stop);
  } finally {
    leave(groups, key, holder);
  }
}

function wait(group: Group, holder: Holder, { group: name, cancelInProgress, queue }: Setting): void {
  if (queue === 'max') {
    if (group.pending.length >= MAX_QUEUE)
      holder.cancel(`cancelled: ${MAX_QUEUE} already wait for '${name}'.`);
  } else {
    const reason = `Canceling since a higher priority waiting request for '${name}' exists`;
    for (const replaced of group.pending.splice(0)) replaced.cancel(reason);
  }
  group.pending.push(holder);
  if (cancelInProgress)
    group.running?.cancel(`Canceling since a higher priority waiting request for '${name}' exists`);
}

function leave(groups: Map<string, Group>, key: string, holder: Holder): void {
  const group = groups.get(key);
  if (!group) return;
  group.pending = group.pending.filter((waiting) => waiting !== holder);
  if (group.running !== holder) return;
  group.running = group.pending.shift();
  if (group.running) group.running.start();
  else groups.delete(key);
}

type Setting = { group: string; cancelInProgress: boolean; queue: string };

function settingOf(written: Json): Setting | undefined {
  if (written === null || written === undefined) return undefined;
  if (typeof written !== 'object' || Array.isArray(written)) return setting(asText(written), {});
  return setting(asText(written['group']), written);
}

function setting(group: string, more: { [key: string]: Json }): Setting {
  if (group === '') throw new UserError('concurrency: the group is empty.');
  const queue = asText(more['queue']) || 'single';
  const cancelInProgress = more['cancel-in-progress'] === true || more['cancel-in-progress'] === 'true';
  if (queue === 'max' && cancelInProgress)
    throw new UserError('concurrency: `queue: max` cannot go with `cancel-in-progress: true`.');
  return { group, cancelInProgress, queue };
}
