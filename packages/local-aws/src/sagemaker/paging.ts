import { AwsError } from '../kernel/errors.ts';
import type { Instant } from '../kernel/world.ts';

/** What every listing of SageMaker can be asked for; each operation has some of these. */
export type ListRequest = {
  NextToken?: string | undefined;
  MaxResults?: number | undefined;
  NameContains?: string | undefined;
  CreationTimeAfter?: Date | undefined;
  CreationTimeBefore?: Date | undefined;
  LastModifiedTimeAfter?: Date | undefined;
  LastModifiedTimeBefore?: Date | undefined;
  SortBy?: string | undefined;
  SortOrder?: string | undefined;
};

export type Listed = { name: string; createdAt: Instant; modifiedAt?: Instant; status?: string };

const defaultPage = 10;

/**
 * Filters, sorts and cuts a page, as SageMaker's List operations do.
 * The token is a place in the listing that the same request gives again.
 * @param things in the order of their making
 */
export function listPage<T>(
  things: readonly T[],
  view: (thing: T) => Listed,
  input: ListRequest,
  order: { by: 'Name' | 'CreationTime' | 'Status'; order: 'Ascending' | 'Descending' },
): { page: T[]; NextToken?: string } {
  const wanted = things
    .map((thing, index) => ({ thing, index, seen: view(thing) }))
    .filter(({ seen }) => matches(seen, input));
  const by = input.SortBy ?? order.by;
  const sign = (input.SortOrder ?? order.order) === 'Ascending' ? 1 : -1;
  const compare = (a: (typeof wanted)[number], b: (typeof wanted)[number]) => {
    if (by === 'Name') return compareText(a.seen.name, b.seen.name);
    if (by === 'Status') return compareText(a.seen.status ?? '', b.seen.status ?? '') || a.index - b.index;
    return a.seen.createdAt - b.seen.createdAt || a.index - b.index;
  };
  wanted.sort((a, b) => sign * compare(a, b));
  const start = input.NextToken === undefined ? 0 : placeOf(input.NextToken);
  const end = start + (input.MaxResults ?? defaultPage);
  const page = wanted.slice(start, end).map(({ thing }) => thing);
  return end < wanted.length ? { page, NextToken: Buffer.from(`at:${end}`).toString('base64url') } : { page };
}

function matches(seen: Listed, input: ListRequest): boolean {
  const modifiedAt = seen.modifiedAt ?? seen.createdAt;
  return (
    seen.name.toLowerCase().includes((input.NameContains ?? '').toLowerCase()) &&
    seen.createdAt > (input.CreationTimeAfter?.getTime() ?? -Infinity) &&
    seen.createdAt < (input.CreationTimeBefore?.getTime() ?? Infinity) &&
    modifiedAt > (input.LastModifiedTimeAfter?.getTime() ?? -Infinity) &&
    modifiedAt < (input.LastModifiedTimeBefore?.getTime() ?? Infinity)
  );
}

function placeOf(token: string): number {
  const [, place] = /^at:(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (place === undefined) throw new AwsError('ValidationException', 'The provided NextToken is invalid.');
  return Number(place);
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
