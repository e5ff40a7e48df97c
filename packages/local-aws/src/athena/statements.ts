import { notBuilt, AwsError } from '../kernel/errors.ts';
import { readCreateTable, propertiesIn, type CreateTable } from './ddl/create-table.ts';
import { hiveString, reader, type Reader } from './ddl/reader.ts';
import { bound } from './sql/parameters.ts';
import { syntaxError } from './sql/query-error.ts';
import {
  isGroup,
  isSymbol,
  isWord,
  nameOf,
  readSql,
  splitByComma,
  type Group,
  type Node,
} from './sql/tokens.ts';

/** What a statement asks for. */
export type Statement =
  | { kind: 'select'; nodes: Node[] }
  | { kind: 'unload'; nodes: Node[]; to: string; properties: Record<string, string> }
  | CreateTable
  | { kind: 'create-database'; name: string; unlessThere: boolean; comment?: string; location?: string }
  | { kind: 'drop-database'; name: string; ifThere: boolean; cascade: boolean }
  | { kind: 'drop-table'; database: string | undefined; name: string; ifThere: boolean }
  | {
      kind: 'add-partitions';
      database: string | undefined;
      name: string;
      unlessThere: boolean;
      partitions: Partition[];
    }
  | {
      kind: 'drop-partitions';
      database: string | undefined;
      name: string;
      ifThere: boolean;
      partitions: Partition[];
    }
  | { kind: 'repair'; database: string | undefined; name: string }
  | { kind: 'show-databases' }
  | { kind: 'show-tables'; database: string | undefined; pattern: string | undefined }
  | { kind: 'show-columns' | 'show-partitions' | 'describe'; database: string | undefined; name: string };

export type Partition = { values: Record<string, string>; location?: string };

/** Athena's name of a statement's type, and of its kind. */
export function typeOf({ kind }: Statement): { type: 'DML' | 'DDL' | 'UTILITY'; sub: string } {
  if (kind === 'select' || kind === 'unload') return { type: 'DML', sub: kind.toUpperCase() };
  if (kind === 'describe') return { type: 'UTILITY', sub: 'DESCRIBE_TABLE' };
  const sub = kind.replaceAll('-', '_').toUpperCase();
  if (kind.startsWith('show')) return { type: 'UTILITY', sub };
  return { type: 'DDL', sub: SUBTYPES[kind] ?? sub };
}

const SUBTYPES: Readonly<Record<string, string>> = {
  'add-partitions': 'ALTER_TABLE_ADD_PARTITION',
  'drop-partitions': 'ALTER_TABLE_DROP_PARTITION',
  repair: 'MSCK_REPAIR',
};

/**
 * Reads a statement. @throws QueryError for what Athena finds wrong when it runs; AwsError for what it refuses to start, 501 where that is
 * only because it is not built here
 */
export function readStatement(sql: string, parameters: readonly string[] = []): Statement {
  const nodes = bound(readSql(sql), parameters);
  const [first] = nodes;
  if (isWord(first, 'SELECT', 'WITH', 'VALUES', 'TABLE') || isGroup(first)) return { kind: 'select', nodes };
  const read = reader(nodes);
  const found = ddl(read);
  if (found !== undefined) return found;
  if (isWord(first) && REFUSED.has(first.text.toUpperCase())) {
    const second = isWord(nodes[1]) ? ` ${nodes[1].text}` : '';
    throw notBuilt(`athena: ${`${first.text}${second}`.toUpperCase()}`);
  }
  throw new AwsError('InvalidRequestException', 'Queries of this type are not supported');
}

/** Statements of Athena that are not built. */
const REFUSED = new Set(
  'ALTER CREATE DROP SHOW INSERT MERGE UPDATE DELETE OPTIMIZE VACUUM EXPLAIN PREPARE EXECUTE DEALLOCATE'.split(
    ' ',
  ),
);

function ddl(read: Reader): Statement | undefined {
  if (read.takes('UNLOAD')) return unload(read);
  if (read.takes('CREATE', 'EXTERNAL', 'TABLE')) return readCreateTable(read);
  if (read.takes('CREATE', 'DATABASE') || read.takes('CREATE', 'SCHEMA')) return createDatabase(read);
  if (read.takes('DROP', 'DATABASE') || read.takes('DROP', 'SCHEMA')) {
    const ifThere = read.takes('IF', 'EXISTS');
    const name = read.name('a database name');
    const cascade = read.takes('CASCADE') || (read.takes('RESTRICT') && false);
    return ended(read, { kind: 'drop-database', name, ifThere, cascade });
  }
  if (read.takes('DROP', 'TABLE')) {
    const ifThere = read.takes('IF', 'EXISTS');
    return ended(read, { kind: 'drop-table', ...read.qualifiedName('a table name'), ifThere });
  }
  if (read.takes('ALTER', 'TABLE')) return alterTable(read);
  if (read.takes('MSCK', 'REPAIR', 'TABLE'))
    return ended(read, { kind: 'repair', ...read.qualifiedName('a table name') });
  return utility(read);
}

function utility(read: Reader): Statement | undefined {
  if (read.takes('SHOW', 'DATABASES') || read.takes('SHOW', 'SCHEMAS'))
    return ended(read, { kind: 'show-databases' });
  if (read.takes('SHOW', 'TABLES')) {
    const database = read.takes('IN') || read.takes('FROM') ? read.name('a database name') : undefined;
    const pattern = read.rest() === 'the end' ? undefined : read.string('a pattern');
    return ended(read, { kind: 'show-tables', database, pattern });
  }
  if (read.takes('SHOW', 'PARTITIONS'))
    return ended(read, { kind: 'show-partitions', ...read.qualifiedName('a table name') });
  if (read.takes('SHOW', 'COLUMNS', 'IN') || read.takes('SHOW', 'COLUMNS', 'FROM')) {
    return ended(read, { kind: 'show-columns', ...read.qualifiedName('a table name') });
  }
  if (read.takes('DESCRIBE') || read.takes('DESC'))
    return ended(read, { kind: 'describe', ...read.qualifiedName('a table name') });
  return undefined;
}

function ended<S extends Statement>(read: Reader, statement: S): S {
  read.end();
  return statement;
}

function unload(read: Reader): Statement {
  const { nodes } = read.group('a SELECT in parentheses');
  read.needs('TO');
  const to = read.string('a location');
  const properties = read.takes('WITH') ? unloadProperties(read.group('properties')) : {};
  read.end();
  return { kind: 'unload', nodes, to, properties };
}

function unloadProperties(group: Group): Record<string, string> {
  return Object.fromEntries(
    splitByComma(group.nodes).map(([key, is, value]) => {
      const name = nameOf(key);
      if (name === undefined || !isSymbol(is, '='))
        throw syntaxError("properties of UNLOAD are name = 'value'");
      if (name === 'partitioned_by') throw notBuilt('athena: UNLOAD with partitioned_by');
      return [name, hiveString(value) ?? ''];
    }),
  );
}

function createDatabase(read: Reader): Statement {
  const unlessThere = read.takes('IF', 'NOT', 'EXISTS');
  const made: Statement = { kind: 'create-database', name: read.name('a database name'), unlessThere };
  for (;;) {
    if (read.takes('COMMENT')) made.comment = read.string('a comment');
    else if (read.takes('LOCATION')) made.location = read.string('a location');
    else if (read.takes('WITH', 'DBPROPERTIES')) propertiesIn(read.group('properties'));
    else return ended(read, made);
  }
}

function alterTable(read: Reader): Statement | undefined {
  const table = read.qualifiedName('a table name');
  if (read.takes('ADD')) {
    const unlessThere = read.takes('IF', 'NOT', 'EXISTS');
    const partitions: Partition[] = [];
    while (read.takes('PARTITION')) {
      const values = partitionIn(read.group('a partition'));
      partitions.push(read.takes('LOCATION') ? { values, location: read.string('a location') } : { values });
    }
    if (partitions.length === 0) throw notBuilt('athena: ALTER TABLE ADD other than PARTITION');
    return ended(read, { kind: 'add-partitions', ...table, unlessThere, partitions });
  }
  if (!read.takes('DROP')) return undefined;
  const ifThere = read.takes('IF', 'EXISTS');
  read.needs('PARTITION');
  return ended(read, {
    kind: 'drop-partitions',
    ...table,
    ifThere,
    partitions: [{ values: partitionIn(read.group('a partition')) }],
  });
}

/** `(day = '2027-06-03', hour = 13)` */
function partitionIn(group: Group): Record<string, string> {
  return Object.fromEntries(
    splitByComma(group.nodes).map(([key, is, value]) => {
      const name = nameOf(key);
      const text = hiveString(value) ?? (value?.kind === 'number' ? value.text : undefined);
      if (name === undefined || text === undefined || !isSymbol(is, '='))
        throw syntaxError('a partition is (column = value, …)');
      return [name.toLowerCase(), text];
    }),
  );
}
