import type { Tag } from './records.ts';

/** A key that is there takes its new value; keys differ also by their case. */
export function merged(tags: readonly Tag[], added: readonly Tag[]): Tag[] {
  const byKey = new Map([...tags, ...added].map(({ Key, Value }) => [Key, Value]));
  return [...byKey].map(([Key, Value]) => ({ Key, Value }));
}

export function without(tags: readonly Tag[], keys: readonly string[]): Tag[] {
  return tags.filter(({ Key }) => !keys.includes(Key));
}
