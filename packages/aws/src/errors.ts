import { UserError } from './user-error.ts';

// SageMaker models almost none of its errors: not found, duplicate and busy all arrive as ValidationException, told apart by their text.
const NOT_FOUND = /not found|could not find|does not exist|can't find|no such/i;
const EXISTS = /already exist/i;
const BUSY = /in-progress endpoint|in progress|is being/i;

const NOT_FOUND_CODES = new Set([
  'NotFound',
  'NotFoundException',
  'NoSuchKey',
  'NoSuchBucket',
  'NoSuchEntity',
  'NoSuchEntityException',
  'ResourceNotFound',
  'ResourceNotFoundException',
  'RepositoryNotFoundException',
  'ImageNotFoundException',
]);
const THROTTLED_CODES = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'ProvisionedThroughputExceededException',
  'BandwidthLimitExceeded',
  'SlowDown',
]);
// What the SDK calls transient, and a clock that was wrong: the SDK corrects its own when it is told.
const PASSING_CODES = new Set([
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'IDPCommunicationError',
  'RequestTimeTooSkewed',
  'RequestExpired',
  'RequestInTheFuture',
]);
const LOST = /ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN|socket hang up/;
const DENIED_CODES = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
]);
const CREDENTIAL_CODES = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

type Failure = { name: string; message: string; status: number };

function failure(error: unknown): Failure {
  const { name, message, Code, $metadata } = (error ?? {}) as {
    name?: string;
    message?: string;
    Code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  // A HEAD has no body, so S3's reason is lost and the SDK calls it Unknown or by its status.
  return { name: Code ?? name ?? '', message: message ?? '', status: $metadata?.httpStatusCode ?? 0 };
}

export function isNotFound(error: unknown): boolean {
  const { name, message, status } = failure(error);
  if (NOT_FOUND_CODES.has(name) || status === 404) return true;
  return (name === 'ValidationException' || name === 'ValidationError') && NOT_FOUND.test(message);
}

export function isAlreadyThere(error: unknown): boolean {
  const { name, message } = failure(error);
  return name === 'ResourceInUse' || name.endsWith('AlreadyExistsException') || EXISTS.test(message);
}

/** The endpoint is being created, updated or deleted by somebody else. */
export function isBusy(error: unknown): boolean {
  const { name, message } = failure(error);
  return name === 'ValidationException' && BUSY.test(message);
}

/** A quota of the account, or no capacity of that instance type for now. */
export function isOutOfCapacity(error: unknown): boolean {
  const { name, message } = failure(error);
  return (
    name === 'ResourceLimitExceeded' ||
    /CapacityError|InsufficientCapacity|insufficient capacity/i.test(message)
  );
}

export function isThrottled(error: unknown): boolean {
  const { name, status } = failure(error);
  return THROTTLED_CODES.has(name) || status === 429 || status === 503;
}

/** The session has ended by AWS's clock. */
export function isExpired(error: unknown): boolean {
  const { name } = failure(error);
  return name === 'ExpiredToken' || name === 'ExpiredTokenException';
}

/** A failure of AWS or of the way to it, that may be gone at the next try. */
export function isPassing(error: unknown): boolean {
  const { name, message, status } = failure(error);
  const { code = '' } = (error ?? {}) as { code?: string };
  // The text too, since the SDK may have wrapped a lost connection in an error of its own.
  return PASSING_CODES.has(name) || status >= 500 || (status === 0 && LOST.test(`${code} ${message}`));
}

/** The error a person can act on where there is one; otherwise the SDK's own, saying which call it came from. */
export function explain(error: unknown, clientName: string, commandName: string): unknown {
  const { name, message, status } = failure(error);
  const operation = commandName.replace(/Command$/, '');
  if (CREDENTIAL_CODES.has(name)) {
    return new UserError(
      `AWS does not accept the credentials (${name}: ${message}). ` +
        'Give role-to-assume with `permissions: id-token: write`, or run aws-actions/configure-aws-credentials before this step.',
      { cause: error },
    );
  }
  if (name === 'UserError' || isNotFound(error)) return error;
  if (DENIED_CODES.has(name) || status === 403) {
    const action =
      /not authorized to perform:? ([\w-]+:\w+)/.exec(message)?.[1] ?? iamAction(clientName, operation);
    return new UserError(
      `AWS refused ${operation}: the role in use needs ${action}. AWS said: ${message || name}`,
      {
        cause: error,
      },
    );
  }
  const { code = '' } = (error ?? {}) as { code?: string };
  // Beside the code, since the SDK may have wrapped the error in one of its own.
  if (/ECONNREFUSED|ENOTFOUND/.test(`${code} ${message}`)) {
    return new UserError(
      `AWS cannot be reached for ${operation} (${message || code}): check AWS_ENDPOINT_URL, the region and the network.`,
      { cause: error },
    );
  }
  if (error instanceof Error && !error.message.includes(operation))
    error.message = `${operation}: ${error.message}`;
  return error;
}

// Where the IAM action is not named as the call is.
const IAM_NAMES: Record<string, string> = {
  HeadObject: 's3:GetObject',
  HeadBucket: 's3:ListBucket',
  Invoke: 'lambda:InvokeFunction',
  ListObjectsV2: 's3:ListBucket',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
};
const IAM_PREFIXES: Record<string, string> = {
  AthenaClient: 'athena',
  CloudWatchClient: 'cloudwatch',
  CloudWatchLogsClient: 'logs',
  ECRClient: 'ecr',
  EventBridgeClient: 'events',
  IAMClient: 'iam',
  KMSClient: 'kms',
  LambdaClient: 'lambda',
  S3Client: 's3',
  STSClient: 'sts',
};

/** The permission an AWS call needs, as IAM spells it: `sagemaker:CreateTrainingJob`. */
function iamAction(clientName: string, operation: string): string {
  return IAM_NAMES[operation] ?? `${IAM_PREFIXES[clientName] ?? 'sagemaker'}:${operation}`;
}
