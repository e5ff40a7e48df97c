import { AwsError } from '../kernel/errors.ts';

/** A page of a list in its own order; the token is the place where the next begins. */
export function page<T>(
  all: readonly T[],
  { NextToken, MaxResults = 100 }: { NextToken?: string | undefined; MaxResults?: number | undefined },
): { items: T[]; NextToken: string | undefined } {
  const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64url').toString());
  if (!Number.isSafeInteger(from))
    throw new AwsError('InvalidInputException', 'The provided token is invalid.');
  const to = from + MaxResults;
  return {
    items: all.slice(from, to),
    NextToken: to < all.length ? Buffer.from(String(to)).toString('base64url') : undefined,
  };
}
