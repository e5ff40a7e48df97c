import type { QueryExecution } from '@aws-sdk/client-athena';
import { UserError } from './user-error.ts';

const ADVICE: readonly [pattern: RegExp, advice: string][] = [
  [
    /exhausted resources|EXCEEDED_\w*MEMORY_LIMIT/i,
    'Let it read less at a time: fewer columns, or fewer partitions.',
  ],
  [/bytes scanned limit/i, "Let it read less, or raise the work group's limit of bytes scanned for a query."],
  [
    /access denied|PERMISSION_DENIED|not authorized|insufficient (lake formation )?permission/i,
    'The role in use needs s3:GetObject and s3:ListBucket on the data, glue:GetTable and glue:GetPartitions on the table, and s3:PutObject on the output location.',
  ],
  [
    /(TABLE|SCHEMA|COLUMN)_NOT_FOUND|EntityNotFoundException/,
    'Check the names of the database, the table and its columns.',
  ],
  [
    /HIVE_BAD_DATA|HIVE_CURSOR_ERROR|HIVE_PARTITION_SCHEMA|INVALID_CAST_ARGUMENT/,
    'The data are not what the table or the query says they are.',
  ],
];

/** Athena's reason, and what to do. */
export function athenaFailure({ QueryExecutionId, Status, WorkGroup }: QueryExecution): UserError {
  const reason = Status?.StateChangeReason ?? Status?.AthenaError?.ErrorMessage ?? 'Athena says no more.';
  const advice =
    ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ??
    (Status?.AthenaError?.Retryable ? 'It may work when it is run again.' : '');
  const what = Status?.State === 'CANCELLED' ? 'was cancelled' : 'failed';
  const where = `query ${QueryExecutionId} of the work group ${WorkGroup}`;
  return new UserError(`Athena's ${where} ${what}: ${reason}${advice === '' ? '' : `\n${advice}`}`);
}

/** Why a query was not even started, where that is the reader's to mend. */
export function startFailure(error: Error, workGroup: string): Error {
  if (/no output location/i.test(error.message)) {
    const text = `The Athena work group "${workGroup}" has no location for results: give one (s3://bucket/folder/), or set it there.`;
    return new UserError(text, { cause: error });
  }
  if (/workgroup .*not found|is disabled/i.test(error.message)) {
    return new UserError(`The Athena work group "${workGroup}" is not there or disabled.`, { cause: error });
  }
  return error;
}
