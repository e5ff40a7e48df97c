import type { Log } from '../surroundings.ts';

/** A log that keeps what it is told until it is released: two jobs watched at once must not write into each other's sections. */
export function deferredLog(log: Log): { log: Log; release: () => Promise<void> } {
  const kept: (() => void | Promise<void>)[] = [];
  const deferred: Log = {
    info: (text) => void kept.push(() => log.info(text)),
    notice: (text) => void kept.push(() => log.notice(text)),
    warning: (text) => void kept.push(() => log.warning(text)),
    untrusted: (lines) => void kept.push(() => log.untrusted(lines)),
    group: async (title, body) => {
      kept.push(() => log.info(title));
      return await body();
    },
  };
  return {
    log: deferred,
    release: async () => {
      for (const say of kept.splice(0)) await say();
    },
  };
}
