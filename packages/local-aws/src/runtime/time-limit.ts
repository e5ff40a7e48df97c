import type { World } from '../kernel/world.ts';

/**
 * Calls `action` when a program has run for `seconds`; returns a function that calls it off.
 *
 * A program runs in real time, however fast the server's clock goes: on a clock at ×30 one that works for ten seconds would seem
 * to have worked for five minutes and be stopped for it. So a limit counts the program's own (real) seconds; only a clock that is
 * moved by hand counts them itself.
 */
export function whenHasRun(world: World, seconds: number, action: () => void): () => void {
  const began = performance.now();
  const limitMs = seconds * 1000;
  let callOff = () => {};
  const wait = (clockMs: number) => {
    callOff = world.clock.at(world.clock.now() + clockMs, () => {
      const { speed } = world.clock;
      const leftMs = limitMs - (performance.now() - began);
      // The pace may have changed meanwhile, and timers may come a little early.
      if (speed > 0 && leftMs > 1) wait(Math.ceil(leftMs * speed));
      else action();
    });
  };
  wait(limitMs * (world.clock.speed || 1));
  return () => callOff();
}
