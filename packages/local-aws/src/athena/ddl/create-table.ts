import type { Column, TableInput } from '@aws-sdk/client-glue';
import { AwsError, notBuilt } from '../../kernel/errors.ts';
import { parseHiveType } from '../tables/hive-type.ts';
import { syntaxError } from '../sql/query-error.ts';
import { isSymbol, isWord, nameOf, splitByComma, type Group, type Node } from '../sql/tokens.ts';
import { hiveString, type Reader } from './reader.ts';

export type CreateTable = {
  kind: 'create-table';
  database: string | undefined;
  unlessThere: boolean;
  input: TableInput & { Name: string };
};

type Serde = { library: string; parameters: Record<string, string> };

const PARQUET = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';
export const LAZY_SIMPLE = 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe';

const TEXT_FILES = {
  InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
};
const PARQUET_FILES = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
};

/** What follows CREATE EXTERNAL TABLE, in Hive's words. @throws QueryError */
export function readCreateTable(reader: Reader): CreateTable {
  const unlessThere = reader.takes('IF', 'NOT', 'EXISTS');
  const { database, name } = reader.qualifiedName('a table name');
  const columns = columnsIn(reader.group('columns in parentheses'));
  const input: TableInput & { Name: string } = { Name: name, TableType: 'EXTERNAL_TABLE', PartitionKeys: [] };
  let serde: Serde | undefined;
  let formats: { InputFormat: string; OutputFormat: string } | undefined;
  let location: string | undefined;
  let properties: Record<string, string> = {};
  for (;;) {
    if (reader.takes('COMMENT')) input.Description = reader.string('a comment');
    else if (reader.takes('PARTITIONED', 'BY'))
      input.PartitionKeys = columnsIn(reader.group('partition columns'));
    else if (reader.takes('CLUSTERED', 'BY')) throw notBuilt('athena: CLUSTERED BY');
    else if (reader.takes('ROW', 'FORMAT', 'SERDE'))
      serde = { library: reader.string('a SerDe'), parameters: {} };
    else if (reader.takes('ROW', 'FORMAT', 'DELIMITED'))
      serde = { library: LAZY_SIMPLE, parameters: delimiters(reader) };
    else if (reader.takes('WITH', 'SERDEPROPERTIES') && serde) {
      serde.parameters = propertiesIn(reader.group('properties'));
    } else if (reader.takes('STORED', 'AS')) formats = storedAs(reader);
    else if (reader.takes('LOCATION')) location = reader.string('a location');
    else if (reader.takes('TBLPROPERTIES')) properties = propertiesIn(reader.group('properties'));
    else break;
  }
  reader.end();
  if (location === undefined) throw syntaxError('an external table needs a LOCATION');
  if (!/^s3:\/\/[^/]+\//.test(location)) {
    throw new AwsError(
      'InvalidRequestException',
      `LOCATION ${location} is no folder in S3 (s3://bucket/folder/)`,
    );
  }
  formats ??= TEXT_FILES;
  serde ??= { library: formats === PARQUET_FILES ? PARQUET : LAZY_SIMPLE, parameters: {} };
  input.Parameters = { EXTERNAL: 'TRUE', ...properties };
  input.StorageDescriptor = {
    Columns: columns,
    Location: location,
    ...(serde.library === PARQUET ? PARQUET_FILES : formats),
    Compressed: false,
    NumberOfBuckets: -1,
    SerdeInfo: {
      SerializationLibrary: serde.library,
      Parameters: { 'serialization.format': '1', ...serde.parameters },
    },
    StoredAsSubDirectories: false,
  };
  return { kind: 'create-table', database, unlessThere, input };
}

function columnsIn(group: Group): Column[] {
  return splitColumns(group.nodes).map((nodes) => {
    const name = nameOf(nodes[0]);
    const comment = nodes.findIndex((node) => isWord(node, 'COMMENT'));
    const type = written(nodes.slice(1, comment < 0 ? undefined : comment));
    if (name === undefined || type === '') throw syntaxError('a column needs a name and a type');
    parseHiveType(type);
    const Comment = comment < 0 ? undefined : hiveString(nodes[comment + 1]);
    return { Name: name.toLowerCase(), Type: type, ...(Comment === undefined ? {} : { Comment }) };
  });
}

/** At commas, but not at those within `map<…, …>`. */
function splitColumns(nodes: readonly Node[]): Node[][] {
  const parts: Node[][] = [[]];
  let depth = 0;
  for (const node of nodes) {
    if (isSymbol(node, '<')) depth++;
    if (isSymbol(node, '>')) depth--;
    if (depth === 0 && isSymbol(node, ',')) parts.push([]);
    else parts.at(-1)!.push(node);
  }
  return parts;
}

function written(nodes: readonly Node[]): string {
  return nodes
    .map((node) => (node.kind === 'group' ? `(${written(node.nodes)})` : (nameOf(node) ?? node.text)))
    .join('');
}

/** `('key' = 'value', …)` */
export function propertiesIn(group: Group): Record<string, string> {
  return Object.fromEntries(
    splitByComma(group.nodes).map(([key, is, value]) => {
      const pair = [hiveString(key), hiveString(value)];
      if (!isSymbol(is, '=') || pair.some((text) => text === undefined))
        throw syntaxError("properties are 'key' = 'value'");
      return pair as [string, string];
    }),
  );
}

function delimiters(reader: Reader): Record<string, string> {
  const found: Record<string, string> = {};
  for (;;) {
    if (reader.takes('FIELDS', 'TERMINATED', 'BY')) found['field.delim'] = reader.string('a delimiter');
    else if (reader.takes('ESCAPED', 'BY')) found['escape.delim'] = reader.string('an escape');
    else if (reader.takes('COLLECTION', 'ITEMS', 'TERMINATED', 'BY'))
      found['collection.delim'] = reader.string('a delimiter');
    else if (reader.takes('MAP', 'KEYS', 'TERMINATED', 'BY'))
      found['mapkey.delim'] = reader.string('a delimiter');
    else if (reader.takes('LINES', 'TERMINATED', 'BY')) found['line.delim'] = reader.string('a delimiter');
    else if (reader.takes('NULL', 'DEFINED', 'AS'))
      found['serialization.null.format'] = reader.string('a text');
    else return found;
  }
}

function storedAs(reader: Reader): { InputFormat: string; OutputFormat: string } {
  if (reader.takes('PARQUET')) return PARQUET_FILES;
  if (reader.takes('TEXTFILE')) return TEXT_FILES;
  if (reader.takes('INPUTFORMAT')) {
    const InputFormat = reader.string('an input format');
    reader.needs('OUTPUTFORMAT');
    return { InputFormat, OutputFormat: reader.string('an output format') };
  }
  throw notBuilt(`athena: STORED AS ${reader.rest()}`);
}
