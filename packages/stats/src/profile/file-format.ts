import { gunzipSync, gzipSync } from 'node:zlib';
import { GIVEN_TYPES } from '../read/schema.ts';
import { UserError } from '../user-error.ts';
import type { Categories } from './categories.ts';
import { HASH_BUCKETS } from './categories.ts';
import { newRegisters } from './hyper-log-log.ts';
import type { Numbers } from './numbers.ts';
import { BUCKET_LIMIT, addWords, newHistogram } from './prefix-histogram.ts';
import type { PrefixHistogram } from './prefix-histogram.ts';
import type { ColumnProfile, Profile } from './profile.ts';

// Gzipped JSON: a profile of ten columns of five million numbers takes some 200 kB, and can be looked into with zcat.
const FORMAT = 'tidegate-profile';
/**
 * Raised whenever the same data would give another profile than before, whatever the reason: a kept one is then made anew. 2 has the types that
 * a schema gives, and what is not of them.
 */
export const PROFILE_VERSION = 2;

type Written = {
  format: string;
  version: number;
  rows: number;
  columns: WrittenColumn[];
};

type WrittenColumn = Pick<ColumnProfile, 'name' | 'rows' | 'types' | 'given'> & {
  /** count, sum, its correction, Σ (x − mean)², min, max; those that are not finite as texts. */
  moments: (number | string)[];
  infinite: Numbers['infinite'];
  /** Prefixes in ascending order as differences, each followed by its count. */
  buckets: string;
  shift: number;
  distinct: boolean;
  registers?: string;
  texts: {
    total: number;
    counts: [string, number][];
    many?: { buckets: number[]; registers: string; shortBy: number };
  };
};

/** The profile as a file's content (`.profile.gz`). */
export function writeProfile(profile: Profile): Uint8Array {
  const written: Written = {
    format: FORMAT,
    version: PROFILE_VERSION,
    rows: profile.rows,
    columns: profile.columns.map(writeColumn),
  };
  return gzipSync(JSON.stringify(written));
}

function writeColumn({ name, rows, types, given, numbers, texts }: ColumnProfile): WrittenColumn {
  const { moments, histogram, infinite } = numbers;
  const { count, sum, correction, squares, min, max } = moments;
  const values = [count, sum, correction, squares, min, max];
  return {
    name,
    rows,
    types,
    ...(given ? { given } : {}),
    moments: values.map((value) => (Number.isFinite(value) ? value : String(value))),
    infinite,
    buckets: writeBuckets(histogram),
    shift: histogram.shift,
    distinct: histogram.distinct,
    ...(histogram.registers ? { registers: toBase64(histogram.registers) } : {}),
    texts: {
      total: texts.total,
      counts: [...texts.counts],
      ...(texts.many
        ? {
            many: {
              ...texts.many,
              buckets: [...texts.many.buckets],
              registers: toBase64(texts.many.registers),
            },
          }
        : {}),
    },
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function writeBuckets({ shift, high, low, counts }: PrefixHistogram): string {
  const found: [prefix: bigint, count: number][] = [];
  counts.forEach((count, slot) => {
    if (count === 0) return;
    found.push([((BigInt(high[slot]!) << 32n) | BigInt(low[slot]!)) >> BigInt(shift), count]);
  });
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes: number[] = [];
  let before = 0n;
  for (const [prefix, count] of found) {
    pushVarint(bytes, prefix - before);
    pushVarint(bytes, BigInt(count));
    before = prefix;
  }
  return Buffer.from(bytes).toString('base64');
}

function pushVarint(bytes: number[], value: bigint): void {
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
}

/**
 * A profile from a file's content.
 * @throws UserError for what is no profile, is damaged, or was written by a newer version
 */
export function readProfile(bytes: Uint8Array, file?: string): Profile {
  return parseProfile(() => gunzipSync(bytes, { maxOutputLength: 2 ** 30 }).toString('utf8'), file);
}

/** The same from what is in the file once it is unpacked. @throws UserError as readProfile */
export function parseProfile(text: () => string, file?: string): Profile {
  let written: Written;
  try {
    written = JSON.parse(text()) as Written;
  } catch (cause) {
    throw new UserError(`is no profile: ${(cause as Error).message}`, { file }, { cause });
  }
  if (written?.format !== FORMAT)
    throw new UserError(`is no profile: its format is not "${FORMAT}"`, { file });
  if (written.version !== 1 && written.version !== PROFILE_VERSION) {
    throw new UserError(
      `is a profile of version ${written.version}; this program reads up to ${PROFILE_VERSION}`,
      {
        file,
      },
    );
  }
  try {
    return { rows: countIn(written.rows), columns: written.columns.map(readColumn) };
  } catch (cause) {
    throw new UserError(`is a damaged profile: ${(cause as Error).message}`, { file }, { cause });
  }
}

function readColumn(written: WrittenColumn): ColumnProfile {
  const { name, types, infinite, given } = written;
  if (given !== undefined && !GIVEN_TYPES.includes(given)) throw new Error(`the type "${given}"`);
  if (typeof name !== 'string') throw new Error('a column has no name');
  const [count, sum, correction, squares, min, max] = written.moments.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    name,
    rows: countIn(written.rows),
    types: {
      integral: countIn(types.integral),
      fractional: countIn(types.fractional),
      text: countIn(types.text),
      boolean: countIn(types.boolean),
      rounded: countIn(types.rounded),
      wrong: countIn(types.wrong ?? 0),
    },
    ...(given ? { given } : {}),
    numbers: {
      moments: { count: countIn(count), sum, correction, squares, min, max },
      infinite: { negative: countIn(infinite.negative), positive: countIn(infinite.positive) },
      histogram: readHistogram(written),
    },
    texts: readTexts(written.texts),
  };
}

function readHistogram({ buckets, shift, distinct, registers }: WrittenColumn): PrefixHistogram {
  if (!(Number.isInteger(shift) && shift >= 0 && shift <= 52)) throw new Error(`a shift of ${shift}`);
  const histogram = newHistogram(distinct, shift);
  if (registers !== undefined) histogram.registers = fromBase64(registers);
  const bytes = Buffer.from(buckets, 'base64');
  let prefix = 0n;
  for (let at = 0, many = 0; at < bytes.length; many++) {
    const difference = varintAt(bytes, at);
    const count = varintAt(bytes, difference.end);
    at = count.end;
    prefix += difference.value;
    const key = prefix << BigInt(shift);
    if (many >= BUCKET_LIMIT || key >= 1n << 64n) throw new Error('impossible buckets');
    // With a dropped bit set the bucket next below zero is not taken for −0.
    const low = Number(key & 0xffffffffn) | (shift > 0 ? 1 : 0);
    addWords(histogram, Number(key >> 32n), low >>> 0, Number(count.value));
  }
  return histogram;
}

function varintAt(bytes: Uint8Array, from: number): { value: bigint; end: number } {
  let value = 0n;
  let shift = 0n;
  for (let at = from; at < bytes.length && shift < 70n; at++, shift += 7n) {
    value |= BigInt(bytes[at]! & 127) << shift;
    if (bytes[at]! < 128) return { value, end: at + 1 };
  }
  throw new Error('buckets are cut off');
}

function readTexts({ total, counts, many }: WrittenColumn['texts']): Categories {
  const texts: Categories = {
    total: countIn(total),
    counts: new Map(counts.map(([text, count]) => [text, countIn(count)])),
  };
  if (many) {
    if (many.buckets.length !== HASH_BUCKETS) throw new Error(`${many.buckets.length} hash buckets`);
    texts.many = {
      buckets: Float64Array.from(many.buckets, countIn),
      registers: fromBase64(many.registers),
      shortBy: countIn(many.shortBy),
    };
  }
  return texts;
}

function fromBase64(text: string): Uint8Array {
  const registers = newRegisters();
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== registers.length) throw new Error(`${bytes.length} registers`);
  registers.set(bytes);
  return registers;
}

function countIn(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${String(value)} where a count is needed`);
}
