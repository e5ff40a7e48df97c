/**
 * An error as AWS answers it; each protocol spells it in its own way.
 * `code` is what clients see as the error's name, e.g. `ValidationException`. `members` are further fields of the
 * modelled exception, e.g. `OriginalStatusCode` of `ModelError`.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** What is not built says so by its name, and never pretends to have worked. */
export function notBuilt(what: string): AwsError {
  return new AwsError(
    'NotImplemented',
    `${what} is not built in this local AWS; SPEC.md lists what is.`,
    501,
  );
}
