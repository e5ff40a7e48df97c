/**
 * The SDK types every member of an answer as perhaps undefined, also those AWS always sends. This is where that ends.
 * @throws when AWS left out what its own model says it sends
 */
export function given<T>(value: T | undefined, member: string): T {
  if (value === undefined) throw new Error(`AWS answered without ${member}`);
  return value;
}

/** A date as milliseconds since the epoch; null where AWS has none yet. */
export function instant(date: Date | undefined): number | null {
  return date ? date.getTime() : null;
}

/** AWS's list of pairs as a plain object, and back. */
export function tagList(tags: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
