/** A fault that the reader can mend: shown without a stack. Recognised by its name, whichever package threw it. */
export class UserError extends Error {
  override name = 'UserError';
}

export function isUserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'UserError';
}
