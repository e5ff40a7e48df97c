import { AwsError } from '../kernel/errors.ts';

/** A page of a list; the token is the place where the next one starts. */
export function pageOf<T>(
  all: readonly T[],
  size: number,
  token: string | undefined,
): { items: T[]; NextToken?: string } {
  if (token !== undefined && !/^\d+$/.test(token)) {
    throw new AwsError('InvalidNextToken', `The token ${token} is not one that this server handed out.`);
  }
  const start = Number(token ?? 0);
  const end = start + size;
  return { items: all.slice(start, end), ...(end < all.length && { NextToken: String(end) }) };
}
