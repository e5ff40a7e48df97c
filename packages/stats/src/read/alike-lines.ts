import { letGo, memoryBytes, scratch, scratchTop } from '../kernels/kernels.ts';
import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { finished, isFull, makeRoom, newBatch, nextBatch } from './batch.ts';
import type { Batch } from './batch.ts';
import { putAlikeLines } from './line-template.ts';
import type { Template } from './line-template.ts';
import { wholeLines } from './lines.ts';
import type { Schema } from './schema.ts';

/** How the lines of a format are read. */
export type LineFormat = {
  /** Puts a line into the batch, as any number of rows. */
  put(batch: Batch, bytes: Uint8Array, from: number, to: number, line: number): void;
  /** Learns from a line that gave one row how those like it can be read at once. */
  learn(line: Uint8Array): Template | undefined;
};

export type LineOptions = {
  file?: string | undefined;
  schema?: Schema | undefined;
  /** Whether a table may be written over when the next is asked for. */
  lent?: boolean | undefined;
};

/** Lines that differ before something new is learned; after each time twice as many, for files whose lines are never alike. */
const FEWEST_MISSES = 2;
const MOST_MISSES = 4096;

type Reader = {
  format: LineFormat;
  file: string | undefined;
  template: Template | undefined;
  misses: number;
  patience: number;
};

/**
 * The rows of lines. Most are written by one program and differ in their values only, so those are read as the last one that was looked at
 * closely; a line that is different is put by itself.
 * @throws UserError what `put` throws, with file and line
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  format: LineFormat,
  { file, schema, lent = false }: LineOptions,
): AsyncGenerator<Table> {
  const reader: Reader = { format, file, template: undefined, misses: 0, patience: FEWEST_MISSES };
  let batch = newBatch(schema);
  for await (const { bytes, firstLine } of wholeLines(chunks, file)) {
    for (let at = { from: 0, line: firstLine }; at.from < bytes.length;) {
      at = putUntilFull(batch, reader, bytes, at);
      if (!isFull(batch)) continue;
      yield finished(batch);
      batch = nextBatch(batch, lent);
    }
  }
  yield finished(batch);
}

/** Where a line begins, and its number. */
type Place = { from: number; line: number };

function putUntilFull(batch: Batch, reader: Reader, bytes: Uint8Array, start: Place): Place {
  const since = scratchTop();
  const place = scratch(bytes.length);
  memoryBytes().set(bytes.subarray(start.from), place + start.from);
  try {
    let { from, line } = start;
    while (from < bytes.length && !isFull(batch)) {
      const alike = reader.template && putAlikeLines(batch, reader.template, bytes, from, place);
      if (alike && alike.many > 0) {
        from = alike.stop;
        line += alike.many;
        reader.misses = 0;
      } else {
        const to = bytes.indexOf(10, from);
        putOne(batch, reader, bytes, { from, to, line });
        from = to + 1;
        line++;
      }
    }
    return { from, line };
  } finally {
    letGo(since);
  }
}

function putOne(
  batch: Batch,
  reader: Reader,
  bytes: Uint8Array,
  { from, to, line }: { from: number; to: number; line: number },
): void {
  let first = from;
  while (first < to && bytes[first]! <= 32) first++;
  if (first === to) return;
  makeRoom(batch);
  const before = batch.rows;
  try {
    reader.format.put(batch, bytes, first, to, line);
  } catch (cause) {
    if (!(cause instanceof UserError) || cause.place.row !== undefined) throw cause;
    throw new UserError(cause.message, { ...cause.place, file: reader.file, row: line }, { cause });
  }
  if (batch.rows !== before + 1 || ++reader.misses < reader.patience) return;
  reader.template = reader.format.learn(bytes.subarray(first, to));
  reader.misses = 0;
  reader.patience = Math.min(MOST_MISSES, 2 * reader.patience);
}
