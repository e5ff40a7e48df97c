import { UserError } from '../user-error.ts';
import { RECORD_BYTES_LIMIT } from './batch.ts';
import { carried, forget, newCarry } from './carry.ts';

const NEWLINE = 10;

/** A piece of a file that holds whole lines only, each with its newline, and the number of its first line; good until the next. */
export type WholeLines = { bytes: Uint8Array; firstLine: number; file: string | undefined };

/** @throws UserError for a line longer than RECORD_BYTES_LIMIT */
export async function* wholeLines(
  chunks: AsyncIterable<Uint8Array>,
  file: string | undefined,
): AsyncGenerator<WholeLines> {
  const carry = newCarry();
  let line = 1;
  for await (const chunk of withoutMark(chunks)) {
    const bytes = carried(carry, chunk);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const whole = bytes.subarray(0, end);
      yield { bytes: whole, firstLine: line, file };
      line += countLines(whole);
      forget(carry, end);
    }
    if (carry.length > RECORD_BYTES_LIMIT) {
      throw new UserError(`the line is longer than ${RECORD_BYTES_LIMIT >> 20} MiB`, { file, row: line });
    }
  }
  if (carry.length > 0) yield { bytes: carried(carry, Buffer.from([NEWLINE])), firstLine: line, file };
}

/** A byte order mark at the very beginning is no part of the first line. */
async function* withoutMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    const hasMark = isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    isFirst = false;
    yield hasMark ? chunk.subarray(3) : chunk;
  }
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/**
 * Calls `each` with the bounds of every line that is not blank, without its newline.
 * @throws UserError what `each` throws, with file and line
 */
export function eachLine(
  { bytes, firstLine, file }: WholeLines,
  each: (from: number, to: number, line: number) => void,
): void {
  let line = firstLine;
  try {
    for (let from = 0; from < bytes.length; line++) {
      const newline = bytes.indexOf(NEWLINE, from);
      const to = newline < 0 ? bytes.length : newline;
      let first = from;
      while (first < to && bytes[first]! <= 32) first++;
      if (first < to) each(first, to, line);
      from = to + 1;
    }
  } catch (cause) {
    if (!(cause instanceof UserError) || cause.place.row !== undefined) throw cause;
    throw new UserError(cause.message, { ...cause.place, file, row: line }, { cause });
  }
}
