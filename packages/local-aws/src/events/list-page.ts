/** One page in the order of names; the token is the name the next page begins with. */
export function listPage<T>(
  all: readonly T[],
  nameOf: (item: T) => string,
  input: { NextToken?: string | undefined; Limit?: number | undefined },
) {
  const sorted = all.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const { NextToken } = input;
  const rest = NextToken === undefined ? sorted : sorted.filter((item) => nameOf(item) >= NextToken);
  const items = rest.slice(0, input.Limit ?? 100);
  const next = rest[items.length];
  return { items, NextToken: next === undefined ? undefined : nameOf(next) };
}
