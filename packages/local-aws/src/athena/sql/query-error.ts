/** Why a query cannot run or did not end well, in words for the one who wrote it: it becomes FAILED with them. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** Athena's categories: 1 the service, 2 the query, 3 anything else. */
  readonly category: 1 | 2 | 3;

  constructor(message: string, category: 1 | 2 | 3 = 2, options?: ErrorOptions) {
    super(message, options);
    this.category = category;
  }
}

export function syntaxError(what: string): QueryError {
  return new QueryError(`SYNTAX_ERROR: ${what}`);
}

export function notBuiltHere(what: string): QueryError {
  return new QueryError(`NOT_SUPPORTED: ${what} is not built in this local Athena; SPEC.md lists what is.`);
}
