import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { filling, finished, isFull, makeRoom, newBatch, nextBatch, putValue } from './batch.ts';
import type { Batch } from './batch.ts';
import { clearRow, putObject } from './json-object.ts';
import { skipSpace } from './json-scan.ts';
import { eachLine, wholeLines } from './lines.ts';
import type { Schema } from './schema.ts';
import { decode } from './text-index.ts';

/**
 * JSON Lines: an object a line, its members the columns; a member that is not there is missing.
 * @throws UserError with file, line and column for what is not JSON, not an object, or nested
 */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  { file, schema }: { file?: string | undefined; schema?: Schema | undefined } = {},
): AsyncGenerator<Table> {
  let batch = newBatch(schema);
  const full: Table[] = [];
  for await (const lines of wholeLines(chunks, file)) {
    eachLine(lines, (from, to, line) => {
      makeRoom(batch);
      const end = putObject(batch, lines.bytes, from);
      if (end >= 0 && skipSpace(lines.bytes, end) >= to) {
        batch.rows++;
      } else {
        clearRow(batch);
        putRecord(batch, parseLine(lines.bytes, from, to, file, line), { file, row: line });
      }
      if (isFull(batch)) {
        full.push(finished(batch));
        batch = nextBatch(batch);
      }
    });
    yield* full.splice(0);
  }
  yield finished(batch);
}

/** @throws UserError when the line is not JSON */
export function parseLine(
  bytes: Uint8Array,
  from: number,
  to: number,
  file: string | undefined,
  line: number,
): unknown {
  try {
    return JSON.parse(decode(bytes, from, to));
  } catch (cause) {
    const why = cause instanceof UserError ? cause.message : `is not JSON (${(cause as Error).message})`;
    throw new UserError(why, { file, row: line }, { cause });
  }
}

/** Adds an object as a row. @throws UserError when it is not an object or a member is nested */
function putRecord(batch: Batch, record: unknown, place: { file?: string | undefined; row: number }): void {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new UserError(`needs an object like {"name": 1.5}, found ${describe(record)}`, place);
  }
  for (const [name, value] of Object.entries(record)) {
    try {
      putValue(filling(batch, name), batch.rows, value);
    } catch (cause) {
      if (!(cause instanceof UserError)) throw cause;
      throw new UserError(cause.message, { ...place, column: name }, { cause });
    }
  }
  batch.rows++;
}

export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
