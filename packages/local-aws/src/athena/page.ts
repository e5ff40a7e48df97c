import { invalidRequest } from './queries/records.ts';

/** A page of a list; the token is the place where the next begins. */
export function pageOf<T>(
  all: readonly T[],
  { NextToken, MaxResults = 50 }: { NextToken?: string | undefined; MaxResults?: number | undefined },
): { items: T[]; NextToken: string | undefined } {
  const from = NextToken === undefined ? 0 : placeIn(NextToken);
  const to = from + MaxResults;
  return { items: all.slice(from, to), NextToken: to < all.length ? tokenOf(to) : undefined };
}

export function tokenOf(place: number): string {
  return Buffer.from(`at:${place}`).toString('base64url');
}

/** @throws AwsError */
export function placeIn(token: string): number {
  const [, place] = /^at:(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (place === undefined) throw invalidRequest('The provided token is invalid.');
  return Number(place);
}
