import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { readLines } from './alike-lines.ts';
import type { LineFormat, LineOptions } from './alike-lines.ts';
import { filling, makeRoom, putValue } from './batch.ts';
import type { Batch } from './batch.ts';
import { putCaptureLine } from './capture-line.ts';
import { inputRows, predictionRows } from './capture-payload.ts';
import { parseLine } from './json-lines.ts';
import { learnCapture } from './learn-capture.ts';

export type CaptureOptions = LineOptions & {
  /** The features' names in order, for payloads without any (CSV, lists of numbers); _c0, _c1, … when absent. */
  names?: readonly string[] | undefined;
};

/**
 * SageMaker data-capture lines: a row for each instance of each request. Columns are the request's features and
 * `prediction`, what the model answered. A line with only one side (only INPUT or OUTPUT captured) gives the columns of that side.
 * @throws UserError with file and line for what is not a capture line or a payload that does not give rows
 */
export function readCapture(
  chunks: AsyncIterable<Uint8Array>,
  { names, ...options }: CaptureOptions = {},
): AsyncGenerator<Table> {
  const format: LineFormat = {
    put(batch, bytes, from, to, line) {
      if (putCaptureLine(batch, bytes, from, to, names)) return;
      putCapture(batch, parseLine(bytes, from, to, options.file, line), names);
    },
    learn: (line) => learnCapture(line, names, options.schema),
  };
  return readLines(chunks, format, options);
}

function putCapture(batch: Batch, record: unknown, names: readonly string[] | undefined): void {
  const data = member(record, 'captureData');
  if (data === undefined) throw new UserError('is not a data-capture line: it has no "captureData"');
  const input = member(data, 'endpointInput');
  const output = member(data, 'endpointOutput');
  if (input === undefined && output === undefined) {
    throw new UserError('has neither "endpointInput" nor "endpointOutput" in its "captureData"');
  }
  const features = input === undefined ? undefined : inputRows(input, names, batch.schema);
  const predictions = output === undefined ? undefined : predictionRows(output, batch.schema);
  const rows = features?.length ?? predictions?.length ?? 0;
  if (features && predictions && features.length !== predictions.length) {
    throw new UserError(
      `has ${features.length} instances in the request but ${predictions.length} predictions in the answer`,
    );
  }
  for (let i = 0; i < rows; i++) {
    makeRoom(batch);
    for (const part of [features?.[i], predictions?.[i]]) {
      for (const [name, value] of part ?? []) putNamed(batch, name, value);
    }
    batch.rows++;
  }
}

function putNamed(batch: Batch, name: string, value: unknown): void {
  try {
    putValue(filling(batch, name), batch.rows, value);
  } catch (cause) {
    if (cause instanceof UserError) throw new UserError(`"${name}" ${cause.message}`, {}, { cause });
    throw cause;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
