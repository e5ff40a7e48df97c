import type { ColumnInfo } from '@aws-sdk/client-athena';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';

/** Text of a value as Athena writes it into its results; undefined for null. */
export function written(value: DuckDBValue, type: DuckDBType): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (kindOf(type)) {
    case 'double':
      return writtenDouble(value as number);
    case 'timestamp':
      // DuckDB has microseconds; Athena's results have milliseconds.
      return String(value).replace(
        /^(\d+-\d+-\d+ \d+:\d+:\d+)(?:\.(\d+))?.*$/,
        (_, at: string, fraction = '') => `${at}.${(fraction as string).padEnd(3, '0').slice(0, 3)}`,
      );
    case 'timestamp with time zone':
      return `${written(value, plainTimestamp)} UTC`;
    case 'varbinary':
      return [...(value as { bytes: Uint8Array }).bytes]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join(' ');
    case 'array': {
      const { items } = value as { items: readonly DuckDBValue[] };
      return `[${items.map((item) => written(item, inner(type).valueType!) ?? 'null').join(', ')}]`;
    }
    case 'map': {
      const { entries } = value as { entries: readonly { key: DuckDBValue; value: DuckDBValue }[] };
      const { keyType, valueType } = inner(type);
      const shown = entries.map(
        (entry) => `${written(entry.key, keyType!)}=${written(entry.value, valueType!) ?? 'null'}`,
      );
      return `{${shown.join(', ')}}`;
    }
    case 'row': {
      const { entries } = value as { entries: Readonly<Record<string, DuckDBValue>> };
      const { entryNames = [], entryTypes = [] } = inner(type);
      const shown = entryNames.map(
        (name, i) => `${name || `field${i}`}=${written(entries[name]!, entryTypes[i]!) ?? 'null'}`,
      );
      return `{${shown.join(', ')}}`;
    }
    default:
      return String(value);
  }
}

const plainTimestamp = { toString: () => 'TIMESTAMP' } as DuckDBType;

type Inner = {
  valueType?: DuckDBType;
  keyType?: DuckDBType;
  entryNames?: readonly string[];
  entryTypes?: readonly DuckDBType[];
};

function inner(type: DuckDBType): Inner {
  return type as Inner;
}

/** As Java's Double.toString does. */
function writtenDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e7)) {
    const text = Object.is(value, -0) ? '-0' : String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  HUGEINT: 'bigint',
  UHUGEINT: 'bigint',
  UBIGINT: 'bigint',
  UINTEGER: 'bigint',
  USMALLINT: 'integer',
  UTINYINT: 'smallint',
  FLOAT: 'real',
  BLOB: 'varbinary',
  UUID: 'varchar',
  '"NULL"': 'varchar',
  JSON: 'json',
};

/** Athena's name of a type. */
function kindOf(type: DuckDBType): string {
  const { alias } = type as { alias?: string };
  const name = String(type);
  if (alias === 'JSON') return 'json';
  if (name.endsWith(']')) return 'array';
  if (name.startsWith('STRUCT(')) return 'row';
  if (name.startsWith('MAP(')) return 'map';
  if (name.startsWith('DECIMAL')) return 'decimal';
  if (name === 'TIMESTAMP WITH TIME ZONE') return 'timestamp with time zone';
  if (name.startsWith('TIMESTAMP')) return 'timestamp';
  return KINDS[name] ?? name.toLowerCase();
}

const PRECISIONS: Readonly<Record<string, number>> = {
  tinyint: 3,
  smallint: 5,
  integer: 10,
  bigint: 19,
  real: 17,
  double: 17,
  varchar: 2_147_483_647,
  varbinary: 1_073_741_824,
  timestamp: 3,
  'timestamp with time zone': 3,
};

/** A column of a result, as GetQueryResults describes it. */
export function columnInfo(name: string, type: DuckDBType): ColumnInfo {
  const kind = kindOf(type);
  const { width, scale } = type as { width?: number; scale?: number };
  return {
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: name,
    Label: name,
    Type: kind === 'real' ? 'float' : kind,
    Precision: kind === 'decimal' ? width : (PRECISIONS[kind] ?? 0),
    Scale: kind === 'decimal' ? scale : 0,
    Nullable: 'UNKNOWN',
    CaseSensitive: kind === 'varchar',
  };
}
