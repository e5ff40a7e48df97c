import type { OnProgress, Progress } from '@tidegate/image';
import type { Log } from '../surroundings.ts';

/** No line more often than this while bytes move; what is done sooner is told once, when it is done. */
const everyMs = 5000;

type Moving = { sentBytes: number; totalBytes: number | undefined; sinceMs: number };

/**
 * Shows in the log what is on its way to the registry: a line at times while bytes move, and one for each layer when it
 * is there. Told by those who move the bytes, so that nothing is shown where nothing moves and no timer is left behind.
 */
export function showProgress(
  log: Pick<Log, 'info'>,
  now: () => number = () => performance.now(),
): OnProgress {
  const moving = new Map<string, Moving>();
  let last = { atMs: 0, bytes: 0 };
  let doneBytes = 0;
  return (progress) => {
    const { of, state, sentBytes, totalBytes } = progress;
    const atMs = now();
    if (state !== 'sending') {
      log.info(describe(progress, atMs - (moving.get(of)?.sinceMs ?? atMs)));
      moving.delete(of);
      doneBytes += sentBytes;
      return;
    }
    if (moving.size === 0) last = { atMs, bytes: doneBytes };
    moving.set(of, { sentBytes, totalBytes, sinceMs: moving.get(of)?.sinceMs ?? atMs });
    if (atMs - last.atMs < everyMs) return;
    const all = [...moving.values()];
    const bytes = doneBytes + all.reduce((sum, each) => sum + each.sentBytes, 0);
    log.info(`${nameAll([...moving.keys()])}: ${amount(all)}, ${rate(bytes - last.bytes, atMs - last.atMs)}`);
    last = { atMs, bytes };
  };
}

/** `weights: sent, 256.0 MB in 2.6 s, 98 MB/s` · `base layer 3f2a9c1b7d04: mounted, 31.4 MB` */
function describe({ of, state, sentBytes, totalBytes }: Progress, tookMs: number): string {
  const size = `${((totalBytes ?? sentBytes) / 1e6).toFixed(1)} MB`;
  const how = { sending: '', sent: 'sent', there: 'there already', mounted: 'mounted' }[state];
  const took = tookMs >= 1000 ? ` in ${(tookMs / 1000).toFixed(1)} s, ${rate(sentBytes, tookMs)}` : '';
  return `${nameAll([of])}: ${how}, ${size}${took}`;
}

function nameAll(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '').replace(/^tidegate: /, '') : `${names.length} layers`;
}

/** `128 of 256 MB`; without the whole where that is not known. */
function amount(all: readonly Moving[]): string {
  const sent = all.reduce((sum, each) => sum + each.sentBytes, 0);
  const total = all.reduce((sum, each) => sum + (each.totalBytes ?? Number.NaN), 0);
  const of = Number.isNaN(total) ? '' : ` of ${Math.round(total / 1e6)}`;
  return `${Math.round(sent / 1e6)}${of} MB`;
}

function rate(bytes: number, ms: number): string {
  return `${Math.round(bytes / 1e3 / ms)} MB/s`;
}
