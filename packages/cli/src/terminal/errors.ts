/** A fault that the reader can mend: shown without a stack. Of its own here, because a command need not load GitHub's edge for it. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** By its name, whichever package threw it. */
export function isUserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'UserError';
}
