import { AwsError } from '../kernel/errors.ts';

/** One page of a list; the token is the position to go on from. */
export function pageOf<T>(
  all: T[],
  { nextToken, maxResults = 100 }: { nextToken?: string | undefined; maxResults?: number | undefined },
): { items: T[]; nextToken?: string } {
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64url').toString());
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new AwsError('InvalidParameterException', `Invalid parameter at 'nextToken': '${nextToken}'`);
  }
  const end = start + maxResults;
  const next = end < all.length ? { nextToken: Buffer.from(String(end)).toString('base64url') } : {};
  return { items: all.slice(start, end), ...next };
}
