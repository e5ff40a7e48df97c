import { AwsError } from '../../kernel/errors.ts';
import type { Instant } from '../../kernel/world.ts';

/** What ListModels, ListEndpointConfigs and ListEndpoints have in common. */
export type ListInput = {
  SortBy?: 'Name' | 'CreationTime' | 'Status' | undefined;
  SortOrder?: 'Ascending' | 'Descending' | undefined;
  NextToken?: string | undefined;
  MaxResults?: number | undefined;
  NameContains?: string | undefined;
  CreationTimeBefore?: Date | undefined;
  CreationTimeAfter?: Date | undefined;
};

type Listed = { name: string; createdAt: Instant; status?: string };

/** Filtered, sorted (newest first unless asked otherwise) and cut into pages. */
export function listed<T extends Listed>(
  all: readonly T[],
  input: ListInput,
): { page: T[]; NextToken?: string } {
  const contains = input.NameContains?.toLowerCase() ?? '';
  const before = input.CreationTimeBefore?.getTime() ?? Infinity;
  const after = input.CreationTimeAfter?.getTime() ?? -Infinity;
  const matching = all.filter(
    ({ name, createdAt }) => name.toLowerCase().includes(contains) && createdAt < before && createdAt > after,
  );
  const keyOf = (one: T) =>
    input.SortBy === 'Name' ? one.name : input.SortBy === 'Status' ? (one.status ?? '') : one.createdAt;
  // Equal keys keep the order in which the things were made.
  matching.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  if (input.SortOrder !== 'Ascending') matching.reverse();
  if (input.NextToken !== undefined && !/^\d+$/.test(input.NextToken)) {
    throw new AwsError('ValidationException', 'Invalid pagination token.');
  }
  const start = Number(input.NextToken ?? 0);
  const end = start + (input.MaxResults ?? 10);
  return { page: matching.slice(start, end), ...(end < matching.length && { NextToken: String(end) }) };
}
