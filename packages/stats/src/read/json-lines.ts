import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { readLines } from './alike-lines.ts';
import type { LineFormat, LineOptions } from './alike-lines.ts';
import { filling, putValue } from './batch.ts';
import type { Batch } from './batch.ts';
import { clearRow, putObject } from './json-object.ts';
import { skipSpace } from './json-scan.ts';
import { learnObject } from './learn-object.ts';
import { decode } from './text-index.ts';

/**
 * JSON Lines: an object a line, its members the columns; a member that is not there is missing.
 * @throws UserError with file, line and column for what is not JSON, not an object, or nested
 */
export function readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  options: LineOptions = {},
): AsyncGenerator<Table> {
  const { file } = options;
  const format: LineFormat = {
    put(batch, bytes, from, to, line) {
      const end = putObject(batch, bytes, from);
      if (end >= 0 && skipSpace(bytes, end) >= to) {
        batch.rows++;
        return;
      }
      clearRow(batch);
      putRecord(batch, parseLine(bytes, from, to, file, line), { file, row: line });
    },
    learn: learnObject,
  };
  return readLines(chunks, format, options);
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
