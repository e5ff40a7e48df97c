import { mergeRegisters } from './hyper-log-log.ts';
import { addBuckets, coarsen, exactRegisters } from './prefix-histogram.ts';
import type { PrefixHistogram } from './prefix-histogram.ts';

/** Takes in another histogram's counts: the same as having added its values. */
export function mergeHistogram(into: PrefixHistogram, more: PrefixHistogram): void {
  if (!more.distinct) {
    into.distinct = false;
    delete into.registers;
  }
  coarsen(into, more.shift);
  addBuckets(into, more);
  // The registers of what `into` held were made when it became coarse; the other's are added however exact it is.
  if (into.registers) mergeRegisters(into.registers, more.registers ?? exactRegisters(more));
}
