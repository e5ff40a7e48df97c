import { AwsError } from '../kernel/errors.ts';

/** One page of a list: AWS's markers are opaque, ours is the number of what was already given. */
export function page<T>(
  all: readonly T[],
  { Marker, Limit = 100 }: { Marker?: string | undefined; Limit?: number | undefined },
) {
  const start = Number(Marker ?? 0);
  if (!Number.isInteger(start)) throw new AwsError('InvalidMarkerException', `Invalid marker ${Marker}`);
  const items = all.slice(start, start + Limit);
  const Truncated = start + items.length < all.length;
  return { items, more: { Truncated, ...(Truncated && { NextMarker: String(start + items.length) }) } };
}
