import { hashWords } from './hash.ts';
import { addHashed, estimateDistinct, mergeRegisters, newRegisters } from './hyper-log-log.ts';
import { addBlock, addRepeated, mergeMoments, noMoments } from './moments.ts';
import type { Moments } from './moments.ts';
import { addValue, addValues, copyHistogram, mergeHistogram, newHistogram } from './prefix-histogram.ts';
import type { PrefixHistogram } from './prefix-histogram.ts';

/** What is remembered of a column's numbers. */
export type Numbers = {
  moments: Moments;
  histogram: PrefixHistogram;
  infinite: { negative: number; positive: number };
  /** Absent when distinct numbers are not counted. */
  registers?: Uint8Array;
};

export function noNumbers(distinct: boolean): Numbers {
  const numbers: Numbers = {
    moments: noMoments(),
    histogram: newHistogram(),
    infinite: { negative: 0, positive: 0 },
  };
  if (distinct) numbers.registers = newRegisters();
  return numbers;
}

const BLOCK = 4096;
const block = new Float64Array(BLOCK);

/** Takes in numbers; NaN is skipped, infinite ones are counted apart. */
export function addNumbers(into: Numbers, values: Float64Array): void {
  for (let from = 0; from < values.length; from += BLOCK) {
    const to = Math.min(values.length, from + BLOCK);
    let kept = 0;
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      // Infinity − Infinity and NaN − NaN are NaN: one test for both.
      if (value - value === 0) block[kept++] = value;
      else if (value === Infinity) into.infinite.positive++;
      else if (value === -Infinity) into.infinite.negative++;
    }
    addBlock(into.moments, block, 0, kept);
    addValues(into.histogram, block, 0, kept);
    if (into.registers) addDistinct(into.registers, block, kept);
  }
}

function addDistinct(registers: Uint8Array, values: Float64Array, count: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  for (let i = 0; i < count; i++) {
    hashWords(words[2 * i + 1]!, words[2 * i]!);
    addHashed(registers);
  }
}

const one = new Float64Array(1);

/** Takes in one finite number that occurred `count` times. */
export function addNumber(into: Numbers, value: number, count: number): void {
  addRepeated(into.moments, value, count);
  addValue(into.histogram, value, count);
  one[0] = value;
  if (into.registers) addDistinct(into.registers, one, 1);
}

export function mergeNumbers(into: Numbers, more: Numbers): void {
  mergeMoments(into.moments, more.moments);
  mergeHistogram(into.histogram, more.histogram);
  into.infinite.negative += more.infinite.negative;
  into.infinite.positive += more.infinite.positive;
  if (into.registers && more.registers) mergeRegisters(into.registers, more.registers);
  else delete into.registers;
}

export function copyNumbers(numbers: Numbers): Numbers {
  const copy: Numbers = {
    moments: { ...numbers.moments },
    histogram: copyHistogram(numbers.histogram),
    infinite: { ...numbers.infinite },
  };
  if (numbers.registers) copy.registers = numbers.registers.slice();
  return copy;
}

/** Distinct finite numbers: exact while the histogram is, else HyperLogLog's estimate, else unknown. */
export function distinctNumbers(numbers: Numbers): { value: number; exact: boolean } | undefined {
  const { histogram, registers } = numbers;
  if (histogram.shift === 0) {
    let zeros = 0;
    for (let slot = 0; slot < histogram.counts.length; slot++) {
      const isZero = histogram.low[slot] === 0 && (histogram.high[slot]! & 0x7fffffff) === 0;
      if (histogram.counts[slot] !== 0 && isZero) zeros++;
    }
    return { value: histogram.size - Math.max(0, zeros - 1), exact: true };
  }
  return registers ? { value: Math.round(estimateDistinct(registers)), exact: false } : undefined;
}
