import { AwsError } from '../../kernel/errors.ts';
import type { LinkedFile } from '../tables/views.ts';
import { QueryError } from '../sql/query-error.ts';

/** Trino's codes for what DuckDB calls otherwise. */
const CODES: readonly [pattern: RegExp, code: string][] = [
  [/^Parser Error/, 'SYNTAX_ERROR'],
  [/^Catalog Error: Table/, 'TABLE_NOT_FOUND'],
  [/^Catalog Error: Scalar Function|^Catalog Error: Aggregate/, 'FUNCTION_NOT_FOUND'],
  [/^Binder Error: (?:Referenced|Column|Values list).*(?:not found|does not have)/, 'COLUMN_NOT_FOUND'],
  [/^Binder Error/, 'SYNTAX_ERROR'],
  [/^Conversion Error/, 'INVALID_CAST_ARGUMENT'],
  [/^Out of Range Error/, 'NUMERIC_VALUE_OUT_OF_RANGE'],
  [/^Invalid Input Error|^Invalid Error/, 'INVALID_FUNCTION_ARGUMENT'],
  [/^Out of Memory Error/, 'EXCEEDED_LOCAL_MEMORY_LIMIT'],
  [/^Not implemented Error/, 'NOT_SUPPORTED'],
  [/^Permission Error/, 'PERMISSION_DENIED'],
  [/^IO Error/, 'HIVE_CANNOT_OPEN_SPLIT'],
];

/** Why a query failed, in the words of its owner: objects instead of this machine's files. Undefined for a failure of ours. */
export function whyFailed(error: unknown, files: readonly LinkedFile[]): QueryError | undefined {
  if (error instanceof QueryError) return error;
  if (error instanceof AwsError) return new QueryError(`FAILED: ${error.code}: ${error.message}`);
  // DuckDB's errors are of whichever realm loaded it first, and so perhaps no `Error` of this one.
  const text = (error as { message?: unknown } | undefined)?.message;
  if (typeof text !== 'string') return undefined;
  const message = text.replace(/^Failed to \w+ statements?: /, '');
  const code = CODES.find(([pattern]) => pattern.test(message))?.[1];
  if (code === undefined) return undefined;
  // What follows are DuckDB's own tables, and the statement as DuckDB was given it.
  const [said = ''] = message.replace(/^[\w ]+ Error: /, '').split(/\n(?:Did you mean|\nLINE \d)/);
  const named = files.reduce((text, { path, uri }) => text.replaceAll(path, uri), said);
  return new QueryError(`${code}: ${named}`, 2, { cause: error });
}
