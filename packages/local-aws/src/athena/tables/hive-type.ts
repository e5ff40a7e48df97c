import { QueryError } from '../sql/query-error.ts';
import { PLAIN_TYPES } from '../sql/types.ts';
import { quoteName } from '../sql/tokens.ts';

/** A column's type as Hive and Glue write it: `struct<a:int,b:array<string>>`. */
export type HiveType =
  | { kind: 'plain'; duckDb: string }
  | { kind: 'array'; of: HiveType }
  | { kind: 'map'; key: HiveType; value: HiveType }
  | { kind: 'struct'; fields: { name: string; type: HiveType }[] };

const HIVE_ONLY: Readonly<Record<string, string>> = { string: 'VARCHAR', char: 'VARCHAR', binary: 'BLOB' };

/** @throws QueryError */
export function parseHiveType(text: string): HiveType {
  const pieces: readonly string[] = text.toLowerCase().match(/[^\s<>:,()]+|[<>:,()]/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new QueryError(`HIVE_INVALID_METADATA: ${text} is no type that can be read here`);
  };
  const take = (wanted?: string): string => {
    const piece = pieces[at++];
    if (piece === undefined || (wanted !== undefined && piece !== wanted)) return fail();
    return piece;
  };
  const list = (read: () => void): void => {
    take('<');
    do read();
    while (pieces[at] === ',' && at++ > 0);
    take('>');
  };
  const type = (): HiveType => {
    const name = take();
    const inner: HiveType[] = [];
    if (name === 'array' || name === 'map') list(() => inner.push(type()));
    if (name === 'array' && inner.length === 1) return { kind: 'array', of: inner[0]! };
    if (name === 'map' && inner.length === 2) return { kind: 'map', key: inner[0]!, value: inner[1]! };
    if (name === 'struct') {
      const fields: { name: string; type: HiveType }[] = [];
      list(() => {
        const field = take();
        take(':');
        fields.push({ name: field, type: type() });
      });
      return { kind: 'struct', fields };
    }
    let digits = '';
    if (pieces[at] === '(') {
      const end = pieces.indexOf(')', at);
      digits = pieces.slice(at, end + 1).join('');
      at = end < 0 ? pieces.length : end + 1;
    }
    if (name === 'decimal') return { kind: 'plain', duckDb: `DECIMAL${digits || '(10,0)'}` };
    const duckDb = HIVE_ONLY[name] ?? (name === 'float' ? 'FLOAT' : PLAIN_TYPES[name]);
    return duckDb === undefined ? fail() : { kind: 'plain', duckDb };
  };
  const parsed = type();
  return at === pieces.length ? parsed : fail();
}

export function duckDbName(type: HiveType): string {
  if (type.kind === 'plain') return type.duckDb;
  if (type.kind === 'array') return `${duckDbName(type.of)}[]`;
  if (type.kind === 'map') return `MAP(${duckDbName(type.key)}, ${duckDbName(type.value)})`;
  return `STRUCT(${type.fields.map(({ name, type: of }) => `${quoteName(name)} ${duckDbName(of)}`).join(', ')})`;
}
