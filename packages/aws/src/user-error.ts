/**
 * Something the reader can put right: it names the thing, what was found and what would be right.
 * Shown without a stack. Other packages recognise it by its `name`, so that they need not import it.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
