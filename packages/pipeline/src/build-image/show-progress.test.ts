import { expect, test } from '@jest/globals';
import type { Progress } from '@tidegate/image';
import { showProgress } from './show-progress.ts';

const sending = (of: string, sentBytes: number, totalBytes?: number): Progress => ({
  of,
  state: 'sending',
  sentBytes,
  totalBytes,
});

test('a layer on its way is shown at times, with the speed since the last line, and summed up at its end', () => {
  const { lines, at } = shown();
  at(0, sending('tidegate: weights', 0, 256e6));
  for (let second = 1; second <= 12; second++)
    at(second * 1000, sending('tidegate: weights', second * 20e6, 256e6));
  at(12_800, { of: 'tidegate: weights', state: 'sent', sentBytes: 256e6, totalBytes: 256e6 });
  expect(lines).toEqual([
    'weights: 100 of 256 MB, 20 MB/s',
    'weights: 200 of 256 MB, 20 MB/s',
    'weights: sent, 256.0 MB in 12.8 s, 20 MB/s',
  ]);
});

test('layers beside each other share a line, and one that is packed on the way has no whole', () => {
  const { lines, at } = shown();
  at(0, sending('base layer 3f2a9c1b7d04', 0, 900e6));
  at(10, sending('tidegate: packages', 0));
  at(3000, sending('tidegate: packages', 30e6));
  at(6000, sending('base layer 3f2a9c1b7d04', 120e6, 900e6));
  at(7000, { of: 'tidegate: packages', state: 'sent', sentBytes: 40e6, totalBytes: undefined });
  at(11_000, sending('base layer 3f2a9c1b7d04', 320e6, 900e6));
  expect(lines).toEqual([
    '2 layers: 150 MB, 25 MB/s',
    'packages: sent, 40.0 MB in 7.0 s, 6 MB/s',
    'base layer 3f2a9c1b7d04: 320 of 900 MB, 42 MB/s',
  ]);
});

test('what is done at once, there already or mounted has one line, whenever it comes', () => {
  const { lines, at } = shown();
  at(0, sending('tidegate: code', 0, 4.1e6));
  at(40, { of: 'tidegate: code', state: 'sent', sentBytes: 4.1e6, totalBytes: 4.1e6 });
  at(60_000, { of: 'base layer 3f2a9c1b7d04', state: 'mounted', sentBytes: 0, totalBytes: 31.4e6 });
  at(60_001, { of: 'tidegate: weights', state: 'there', sentBytes: 0, totalBytes: 256e6 });
  expect(lines).toEqual([
    'code: sent, 4.1 MB',
    'base layer 3f2a9c1b7d04: mounted, 31.4 MB',
    'weights: there already, 256.0 MB',
  ]);
});

/** A log at a time that the test sets. */
function shown() {
  const lines: string[] = [];
  let time = 0;
  const tell = showProgress({ info: (line) => void lines.push(line) }, () => time);
  return { lines, at: (ms: number, progress: Progress) => ((time = ms), tell(progress)) };
}
