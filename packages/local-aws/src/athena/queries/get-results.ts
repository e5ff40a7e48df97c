import type { GetQueryResultsInput, GetQueryResultsOutput, Row } from '@aws-sdk/client-athena';
import { notBuilt } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { objectExists } from '../../s3/objects.ts';
import { readBody } from '../../s3/object-files.ts';
import { requireObject } from '../../s3/records.ts';
import { placeIn, tokenOf } from '../page.ts';
import { invalidRequest, outputOf, requireQuery } from './records.ts';
import { csvRows } from './result-file.ts';

/** A page of a query's result, read from its file: of a SELECT the first row is the header. */
export async function getQueryResults(
  world: World,
  { QueryExecutionId, NextToken, MaxResults = 1000, QueryResultType }: GetQueryResultsInput,
): Promise<Omit<GetQueryResultsOutput, '$metadata'>> {
  if (QueryResultType === 'DATA_MANIFEST') throw notBuilt('athena:GetQueryResults of a data manifest');
  const record = requireQuery(world, QueryExecutionId);
  if (record.state === 'FAILED' || record.state === 'CANCELLED') {
    throw invalidRequest(`Query did not finish successfully. Final query state: ${record.state}`);
  }
  if (record.state !== 'SUCCEEDED') {
    throw invalidRequest(`Query has not yet finished. Current state: ${record.state}`);
  }
  const { bucket, key } = outputOf(record);
  const metadata = { ColumnInfo: record.columns ?? [] };
  const UpdateCount = record.updateCount ?? 0;
  const size = objectExists(world, bucket, key)?.size;
  if (record.updateCount !== undefined)
    return { UpdateCount, ResultSet: { Rows: [], ResultSetMetadata: metadata } };
  if (size === undefined) throw invalidRequest(`Could not find results: s3://${bucket}/${key} is not there`);
  const from = NextToken === undefined ? 0 : placeIn(NextToken);
  const { rows, next } =
    size === from ? { rows: [], next: size } : await readRows(world, record.output, from, MaxResults);
  return {
    UpdateCount,
    ResultSet: { Rows: rows, ResultSetMetadata: metadata },
    NextToken: next < size ? tokenOf(next) : undefined,
  };
}

async function readRows(
  world: World,
  output: string,
  from: number,
  limit: number,
): Promise<{ rows: Row[]; next: number }> {
  const { bucket, key } = outputOf({ output });
  const { file, size } = requireObject(world, bucket, key);
  const body = readBody(world, file, { start: from, end: size - 1 });
  const rows: Row[] = [];
  let next = from;
  const found = key.endsWith('.txt') ? textLines(body, from) : csvRows(body, from);
  for await (const row of found) {
    rows.push({ Data: row.values.map((value) => (value === undefined ? {} : { VarCharValue: value })) });
    next = row.next;
    if (rows.length === limit) break;
  }
  return { rows, next };
}

async function* textLines(
  chunks: AsyncIterable<Uint8Array>,
  from: number,
): AsyncGenerator<{ values: string[]; next: number }> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  let next = from;
  for (const line of Buffer.concat(parts).toString('utf8').split('\n').slice(0, -1)) {
    next += Buffer.byteLength(line) + 1;
    yield { values: [line], next };
  }
}
