import { expect, test } from '@jest/globals';
import { createClock } from './clock.ts';

const start = Date.parse('2026-11-23T10:00:00Z');

test('a manual clock stands until it is moved, and runs what falls due in order of its time', async () => {
  const clock = createClock({ start, speed: 0 });
  const log: [string, number][] = [];
  const note = (name: string) => () => log.push([name, clock.now() - start]);
  clock.at(start + 300, note('third'));
  clock.at(start + 100, () => {
    note('first')();
    clock.at(start + 200, note('second, set by the first'));
  });
  clock.at(start + 900, note('too late'));
  clock.at(start + 300, note('third, set after it'))();
  const calledOff = clock.at(start + 300, note('called off'));
  calledOff();
  await clock.advance(500);
  expect(log).toEqual([
    ['first', 100],
    ['second, set by the first', 200],
    ['third', 300],
  ]);
  expect(clock.now()).toBe(start + 500);
});

test('what promises set going at one moment is seen before the next', async () => {
  const clock = createClock({ start, speed: 0 });
  const log: number[] = [];
  const loop = async () => {
    for (let round = 0; round < 3; round++) {
      await clock.sleep(1000);
      log.push(clock.now() - start);
    }
  };
  const done = loop();
  await clock.advance(10_000);
  await done;
  expect(log).toEqual([1000, 2000, 3000]);
});

test('two advances at once happen one after the other', async () => {
  const clock = createClock({ start, speed: 0 });
  await Promise.all([clock.advance(100), clock.advance(50)]);
  expect(clock.now()).toBe(start + 150);
});

test('a fast clock fires by itself and keeps its time when its pace changes', async () => {
  const clock = createClock({ start, speed: 3600 });
  await clock.sleep(60_000);
  expect(clock.now()).toBeGreaterThanOrEqual(start + 60_000);
  const before = clock.now();
  clock.setSpeed(0);
  const stopped = clock.now();
  expect(stopped).toBeGreaterThanOrEqual(before);
  await clock.advance(5);
  expect(clock.now()).toBe(stopped + 5);
});

test('a timer that is due already fires on a clock that stands', async () => {
  const clock = createClock({ start, speed: 0 });
  await clock.sleep(0);
  expect(clock.now()).toBe(start);
});

test('a sleep that is aborted rejects with the signal’s reason', async () => {
  const clock = createClock({ start, speed: 0 });
  const abort = new AbortController();
  const sleep = clock.sleep(1000, abort.signal);
  abort.abort(new Error('enough'));
  await expect(sleep).rejects.toThrow('enough');
  await expect(clock.sleep(1, abort.signal)).rejects.toThrow('enough');
});

test('a clock cannot go backwards', () => {
  const clock = createClock({ start, speed: 0 });
  expect(() => clock.advance(-1)).toThrow('the clock cannot be advanced by -1 ms');
  expect(() => createClock({ speed: -1 })).toThrow('a clock’s speed is 0 or more, not -1');
});
