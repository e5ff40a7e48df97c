import type {
  Architecture,
  EphemeralStorage,
  LoggingConfig,
  Runtime,
  TracingConfig,
  VpcConfig,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../kernel/errors.ts';
import type { Instant, World } from '../kernel/world.ts';

/** What a function is like: the changing `$LATEST`, or a version, which never changes. */
export type VersionRecord = {
  /** `$LATEST` or a number. */
  version: string;
  runtime: Runtime;
  handler: string;
  role: string;
  description: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  architectures: Architecture[];
  ephemeralStorage: EphemeralStorage;
  logging: LoggingConfig;
  /** Given back as they came: a process of this machine has neither a network nor keys of its own. */
  vpc?: VpcConfig;
  tracing?: TracingConfig;
  kmsKeyArn?: string;
  /** SHA-256 of the zip file in base64, as AWS tells it, and its bytes. */
  codeSha256: string;
  codeSize: number;
  revisionId: string;
  modifiedAt: Instant;
};

export type AliasRecord = {
  name: string;
  version: string;
  description: string;
  /** At most one other version and its share of the invocations. */
  weights: Record<string, number>;
  revisionId: string;
};

export type FunctionRecord = {
  name: string;
  arn: string;
  createdAt: Instant;
  latest: VersionRecord;
  versions: VersionRecord[];
  /** Numbers are never given twice, deleted or not. */
  nextVersion: number;
  aliases: AliasRecord[];
  tags: Record<string, string>;
};

export const functions = (world: World) => world.store.table<FunctionRecord>('lambda.functions');

export const LATEST = '$LATEST';

export const invalidParameter = (message: string) =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });

export const conflict = (message: string) =>
  new AwsError('ResourceConflictException', message, 409, { Type: 'User' });

export const notFound = (message: string) =>
  new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });

/** A new function is `Pending`, and a changed one `InProgress`, for this long on the server's clock. */
export const settlingMs = 1000;

export function requireRevision(revisionId: string, expected: string | undefined): void {
  if (expected !== undefined && expected !== revisionId)
    throw new AwsError(
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      412,
      { Type: 'User' },
    );
}
