/** A name as an SQL identifier. */
export function nameInSql(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. */
export function textInSql(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Trino makes arrays of at most 254 elements at once. */
const MOST_ELEMENTS = 250;

export function arrayInSql(elements: readonly string[]): string {
  const parts: string[] = [];
  for (let at = 0; at < elements.length; at += MOST_ELEMENTS) {
    parts.push(`ARRAY[${elements.slice(at, at + MOST_ELEMENTS).join(', ')}]`);
  }
  return parts.join(' || ');
}

/** One relation made of the next before it, which each but the first calls `before`. */
export function inSteps(name: string, relations: readonly string[]): string {
  const steps = relations.map((sql, i) => sql.replaceAll(/\bFROM before\b/g, `FROM ${name}${i - 1}`));
  const last = steps.pop()!;
  return `WITH ${steps.map((sql, i) => `${name}${i} AS (\n  ${sql}\n)`).join(', ')}\n${last}`;
}
