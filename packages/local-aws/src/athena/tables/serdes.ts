import type { TableInput } from '@aws-sdk/client-glue';
import { notBuiltHere } from '../sql/query-error.ts';
import { quoteName, quoteString } from '../sql/tokens.ts';
import { duckDbName, type HiveType } from './hive-type.ts';

/** How a line of text becomes columns: what is made of `line` once, and each column's expression over it. */
export type LineReader = { parsed: string; column: (place: number, name: string, type: HiveType) => string };

/**
 * The reader of a table's lines, by its SerDe's last name.
 * @throws QueryError for a SerDe, a property or a type that is not built
 */
export function lineReader({ StorageDescriptor: storage }: TableInput): LineReader {
  const library = storage?.SerdeInfo?.SerializationLibrary ?? '';
  const properties = storage?.SerdeInfo?.Parameters ?? {};
  switch (library.slice(library.lastIndexOf('.') + 1)) {
    case 'LazySimpleSerDe':
      return delimited(properties);
    case 'OpenCSVSerde':
      return quoted(properties);
    case 'JsonSerDe':
    case 'OpenXJsonSerDe':
      return json(properties, library.includes('openx'));
    default:
      throw notBuiltHere(`the SerDe ${library}`);
  }
}

const INTEGER = `'^[+-]?[0-9]+$'`;
const FLOATING = `'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(NaN|Infinity)$'`;

/** LazySimpleSerDe: no quotes; what is no number is null. */
function delimited(properties: Readonly<Record<string, string>>): LineReader {
  if (properties['escape.delim'] !== undefined) throw notBuiltHere('ESCAPED BY');
  const delimiter = properties['field.delim'] ?? properties['serialization.format'] ?? '\u0001';
  const nothing = quoteString(properties['serialization.null.format'] ?? '\\N');
  return {
    parsed: `string_split(line, ${quoteString(delimiter === '1' ? '\u0001' : delimiter)})`,
    column(place, name, type) {
      const text = `nullif(parsed[${place + 1}], ${nothing})`;
      if (type.kind !== 'plain') throw notBuiltHere(`the type of ${name} in delimited text`);
      if (type.duckDb === 'VARCHAR') return text;
      const pattern = /INT$|^INTEGER/.test(type.duckDb)
        ? INTEGER
        : /FLOAT|DOUBLE|DECIMAL/.test(type.duckDb)
          ? FLOATING
          : undefined;
      const value = `TRY_CAST(${text} AS ${type.duckDb})`;
      return pattern === undefined
        ? value
        : `CASE WHEN regexp_matches(${text}, ${pattern}) THEN ${value} END`;
    },
  };
}

/** OpenCSVSerDe: quotes, and an escape before a quote or itself. A value may not go on over the end of its line. */
function quoted(properties: Readonly<Record<string, string>>): LineReader {
  const separator = properties['separatorChar'] ?? ',';
  const [s, q, e] = [separator, properties['quoteChar'] ?? '"', properties['escapeChar'] ?? '\\'].map(
    (character) => character.replaceAll(/[^\w]/g, '\\$&'),
  ) as [string, string, string];
  const escaped = e === q ? '' : `|${e}.`;
  const field = `(${q}(?:[^${q}${e}]${escaped}|${q}${q})*${q}|[^${s}]*)${s}`;
  const fields = `regexp_extract_all(line || ${quoteString(separator)}, ${quoteString(field)}, 1)`;
  const isQuoted = `regexp_matches(f, ${quoteString(`^${q}.*${q}$`)})`;
  const inner = `regexp_replace(f[2:-2], ${quoteString(e === q ? `${q}(${q})` : `${e}([${q}${e}])|${q}(${q})|${e}`)}, '\\1\\2', 'g')`;
  const bare = e === q ? 'f' : `regexp_replace(f, ${quoteString(e)}, '', 'g')`;
  return {
    parsed: `list_transform(${fields}, lambda f: CASE WHEN ${isQuoted} THEN ${e === q ? inner.replace('\\2', '') : inner} ELSE ${bare} END)`,
    column(place, name, type) {
      if (type.kind !== 'plain') throw notBuiltHere(`the type of ${name} in a CSV file`);
      const text = `parsed[${place + 1}]`;
      return type.duckDb === 'VARCHAR' ? text : `CAST(${text} AS ${type.duckDb})`;
    },
  };
}

/** Members are found whatever their case, as in both SerDes. */
function json(properties: Readonly<Record<string, string>>, isOpenX: boolean): LineReader {
  const isLenient = isOpenX && properties['ignore.malformed.json']?.toLowerCase() === 'true';
  return {
    parsed: isLenient ? `CASE WHEN json_valid(line) THEN CAST(line AS JSON) END` : `CAST(line AS JSON)`,
    column(_, name, type) {
      const member = properties[`mapping.${name}`] ?? name;
      return jsonValue(memberOf('parsed', member), type, 0);
    },
  };
}

function memberOf(json: string, name: string): string {
  const key = `list_filter(json_keys(${json}), lambda k: lower(k) = ${quoteString(name.toLowerCase())})[1]`;
  return `json_extract(${json}, '$."' || ${key} || '"')`;
}

function jsonValue(value: string, type: HiveType, depth: number): string {
  const isThere = (then: string): string => `CASE WHEN json_type(${value}) <> 'NULL' THEN ${then} END`;
  if (type.kind === 'plain') {
    // Of an object or list, a text column has its JSON.
    const text = isThere(`json_extract_string(${value}, '$')`);
    return type.duckDb === 'VARCHAR' ? text : `CAST(${text} AS ${type.duckDb})`;
  }
  const item = `j${depth}`;
  if (type.kind === 'array') {
    const items = `list_transform(CAST(${value} AS JSON[]), lambda ${item}: ${jsonValue(item, type.of, depth + 1)})`;
    return isThere(`CAST(${items} AS ${duckDbName(type)})`);
  }
  if (type.kind === 'map') {
    const member = jsonValue(`json_extract(${value}, '$."' || ${item} || '"')`, type.value, depth + 1);
    const entries = `list_transform(json_keys(${value}), lambda ${item}: row(${item}, ${member}))`;
    return isThere(`CAST(map_from_entries(${entries}) AS ${duckDbName(type)})`);
  }
  const fields = type.fields.map(
    ({ name, type: of }) => `${quoteName(name)} := ${jsonValue(memberOf(value, name), of, depth)}`,
  );
  return isThere(`struct_pack(${fields.join(', ')})`);
}
