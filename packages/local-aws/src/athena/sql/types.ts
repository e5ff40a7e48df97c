import { notBuiltHere, syntaxError } from './query-error.ts';
import { isGroup, nameOf, quoteName, splitByComma, type Node } from './tokens.ts';

/** Trino's plain types, and DuckDB's of the same values. */
export const PLAIN_TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  real: 'FLOAT',
  double: 'DOUBLE',
  varchar: 'VARCHAR',
  varbinary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  json: 'JSON',
};

/**
 * A type as Trino writes it (`array(row(a bigint))`, `timestamp(3) with time zone`), in DuckDB's words.
 * @throws QueryError for a type that is not there or not built
 */
export function duckDbType(nodes: readonly Node[]): string {
  const [head, ...rest] = nodes;
  const name = nameOf(head) ?? '';
  const group = isGroup(rest[0]) ? rest[0] : undefined;
  const inner = group ? splitByComma(group.nodes) : [];
  const words = (group ? rest.slice(1) : rest).map((node) => nameOf(node) ?? '?').join(' ');
  if (name === 'timestamp' && words === 'with time zone') return 'TIMESTAMP WITH TIME ZONE';
  if (name === 'double' && words === 'precision') return 'DOUBLE';
  if (words !== '') throw syntaxError(`${name} ${words} is no type`);
  if (name === 'array' && inner.length === 1) return `${duckDbType(inner[0]!)}[]`;
  if (name === 'map' && inner.length === 2) return `MAP(${inner.map(duckDbType).join(', ')})`;
  if (name === 'row' && inner.length > 0) return `STRUCT(${inner.map(field).join(', ')})`;
  if (name === 'decimal') {
    const digits = inner.map((part) => (part[0]?.kind === 'number' ? part[0].text : '')).join(', ');
    return `DECIMAL(${digits === '' ? '38, 0' : digits})`;
  }
  const plain = PLAIN_TYPES[name];
  if (plain === undefined) throw notBuiltHere(`the type ${name}`);
  return plain;
}

function field(nodes: readonly Node[]): string {
  const [name, ...type] = nodes;
  if (type.length === 0) throw notBuiltHere('a row type whose fields have no names');
  return `${quoteName(nameOf(name) ?? '')} ${duckDbType(type)}`;
}
