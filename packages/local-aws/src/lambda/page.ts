import { invalidParameter } from './records.ts';

/** One page of a list: Lambda's markers are opaque, ours is the number of what was already given. */
export function page<T>(
  all: readonly T[],
  { Marker, MaxItems = 50 }: { Marker?: string | undefined; MaxItems?: number | undefined },
): { items: T[]; NextMarker?: string } {
  const start = Number(Marker ?? 0);
  if (!Number.isInteger(start)) throw invalidParameter('Invalid Marker.');
  const items = all.slice(start, start + MaxItems);
  const next = start + items.length;
  return { items, ...(next < all.length && { NextMarker: String(next) }) };
}
