import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Instant } from './world.ts';

/** A `Clock` whose pace can be changed while it runs. */
export type AdjustableClock = Clock & {
  /** From now on `speed` milliseconds pass here in one real millisecond; 0 stops the clock. */
  setSpeed(speed: number): void;
  /** Drops every timer: nothing fires any more. */
  stop(): void;
};

type Timer = { at: Instant; order: number; action: () => void };

/** Node's timers hold at most 2^31 - 1 ms; a longer wait is slept in pieces. */
const longestWaitMs = 2 ** 31 - 1;

/**
 * @param options.start where the clock begins; the present when absent
 * @param options.speed clock milliseconds per real millisecond, 0 for a clock that only `advance` moves
 */
export function createClock(options: { start?: Instant; speed?: number } = {}): AdjustableClock {
  let speed = checkedSpeed(options.speed ?? 1);
  let base = options.start ?? Date.now();
  let since = performance.now();
  let order = 0;
  let wake: NodeJS.Timeout | undefined;
  let advancing = Promise.resolve();
  const timers: Timer[] = [];

  const now = () => Math.floor(base + (performance.now() - since) * speed);
  const moveTo = (instant: Instant) => {
    base = Math.max(instant, speed === 0 ? base : now());
    since = performance.now();
  };

  function runDue() {
    wake = undefined;
    for (let next = timers[0]; next !== undefined && next.at <= now(); next = timers[0]) {
      timers.shift();
      next.action();
    }
    arm();
  }

  /** One real timer waits for the earliest of ours. It never keeps the process alive: the listening socket does that. */
  function arm() {
    clearTimeout(wake);
    wake = undefined;
    const next = timers[0];
    if (next === undefined) return;
    const clockMs = next.at - now();
    if (clockMs > 0 && speed === 0) return;
    wake = setTimeout(runDue, clockMs <= 0 ? 0 : Math.min(Math.ceil(clockMs / speed), longestWaitMs)).unref();
  }

  function at(instant: Instant, action: () => void) {
    const timer = { at: instant, order: order++, action };
    timers.splice(insertionIndex(timers, instant), 0, timer);
    if (timers[0] === timer) arm();
    return () => {
      const index = timers.indexOf(timer);
      if (index === -1) return;
      timers.splice(index, 1);
      if (index === 0) arm();
    };
  }

  async function step(ms: number) {
    const target = now() + ms;
    await settle();
    for (let next = timers[0]; next !== undefined && next.at <= target; next = timers[0]) {
      timers.shift();
      moveTo(next.at);
      next.action();
      await settle();
    }
    moveTo(target);
    arm();
    await settle();
  }

  return {
    now,
    at,
    get speed() {
      return speed;
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = at(now() + ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`the clock cannot be advanced by ${ms} ms`);
      const done = advancing.then(() => step(ms));
      advancing = done.catch(() => {});
      return done;
    },
    setSpeed(newSpeed) {
      moveTo(now());
      speed = checkedSpeed(newSpeed);
      arm();
    },
    stop() {
      timers.length = 0;
      clearTimeout(wake);
    },
  };
}

function checkedSpeed(speed: number) {
  if (!(speed >= 0 && speed < Infinity)) throw new RangeError(`a clock’s speed is 0 or more, not ${speed}`);
  return speed;
}

/** Timers are kept in order of their time, and of their making where times are equal. */
function insertionIndex(timers: readonly Timer[], instant: Instant) {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle] as Timer).at <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lets promises and finished input/output that an action set going run before the clock moves on. */
async function settle() {
  for (let turns = 0; turns < 3; turns++) await turn();
}
