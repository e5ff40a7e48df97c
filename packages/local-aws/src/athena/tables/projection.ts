import type { Instant, World } from '../../kernel/world.ts';
import type { TableRecord } from '../../glue/records.ts';
import { QueryError } from '../sql/query-error.ts';
import { folderOf, objectsIn, type Folder } from './partitions.ts';

/**
 * Partition projection: the partitions that a table's properties describe. Of those, the ones that hold objects are enough; they are found by
 * holding the objects' keys against the template, and not by counting through all that may be.
 * @throws QueryError for properties that are missing or not built
 */
export function projectedPartitions(world: World, table: TableRecord): Folder[] {
  const parameters = table.input.Parameters ?? {};
  const keys = (table.input.PartitionKeys ?? []).map(({ Name }) => Name ?? '');
  const root = table.input.StorageDescriptor?.Location ?? '';
  const template =
    parameters['storage.location.template'] ??
    `${root.replace(/\/?$/, '/')}${keys.map((key) => `${key}=\${${key}}`).join('/')}/`;
  const { bucket, key: path } = folderOf(template);
  const projections = keys.map((key) => projectionOf(key, parameters, world.clock.now()));
  const pieces = path.split(/(\$\{[^}]*\})/).map((part) => piece(part, keys, projections));
  const pattern = new RegExp(`^${pieces.join('')}`);
  const found = new Map<string, Folder>();
  for (const object of objectsIn(world, bucket, path.slice(0, path.indexOf('${') >>> 0))) {
    const match = pattern.exec(object.key);
    const values = match && keys.map((_, i) => match.groups?.[`k${i}`] ?? '');
    if (!match || !values?.every((value, i) => projections[i]!.has(value))) continue;
    found.set(match[0], { location: `s3://${bucket}/${match[0]}`, values });
  }
  return [...found.values()];
}

function piece(part: string, keys: readonly string[], projections: readonly Projection[]): string {
  const key = /^\$\{(.*)\}$/.exec(part)?.[1]?.toLowerCase();
  if (key === undefined) return literal(part);
  const place = keys.indexOf(key);
  if (place < 0)
    throw new QueryError(
      `INVALID_TABLE_PROPERTY: storage.location.template names ${part}, which is no partition key`,
    );
  return `(?<k${place}>${projections[place]!.pattern})`;
}

function literal(text: string): string {
  return text.replaceAll(/[^\w]/g, '\\$&');
}

/** A partition key's values: how one looks, and whether a text is one. */
type Projection = { pattern: string; has: (value: string) => boolean };

/** What `projection.<key>.*` describes. */
function projectionOf(key: string, parameters: Readonly<Record<string, string>>, now: Instant): Projection {
  const property = (name: string): string => {
    const value = parameters[`projection.${key}.${name}`];
    if (value === undefined)
      throw new QueryError(`INVALID_TABLE_PROPERTY: projection.${key}.${name} is missing`);
    return value;
  };
  const type = property('type').toLowerCase();
  if (type === 'enum') {
    const values = new Set(
      property('values')
        .split(',')
        .map((value) => value.trim()),
    );
    return { pattern: [...values].map(literal).join('|'), has: (value) => values.has(value) };
  }
  if (type === 'integer') {
    const [from = 0, to = 0] = property('range').split(',').map(Number);
    const step = Number(parameters[`projection.${key}.interval`] ?? 1);
    const digits = Number(parameters[`projection.${key}.digits`] ?? 0);
    const has = (value: string): boolean => {
      const number = Number(value);
      return (
        value === String(number).padStart(digits, '0') &&
        number >= from &&
        number <= to &&
        (number - from) % step === 0
      );
    };
    return { pattern: '-?\\d+', has };
  }
  if (type === 'date') {
    const format = property('format');
    const [from, to] = property('range')
      .split(',')
      .map((bound) => instantIn(bound.trim(), format, now));
    const { pattern, read } = datesOf(format);
    const has = (value: string): boolean => {
      const at = read(value);
      return at !== undefined && at >= from! && at <= to!;
    };
    return { pattern, has };
  }
  throw new QueryError(
    `NOT_SUPPORTED: partition projection of the type ${type} is not built in this local Athena`,
  );
}

const UNITS: Readonly<Record<string, number>> = {
  MILLIS: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  WEEK: 604_800_000,
};

/** A bound of a range: a date as `format` writes it, or NOW with something added. */
function instantIn(text: string, format: string, now: Instant): Instant {
  const relative = /^NOW\s*(?:([+-])\s*(\d+)\s*([A-Z]+?)S?)?$/i.exec(text);
  if (!relative) {
    const at = datesOf(format).read(text);
    if (at === undefined)
      throw new QueryError(`INVALID_TABLE_PROPERTY: ${text} is no date of the format ${format}`);
    return at;
  }
  const [, sign, count = '0', unit = ''] = relative;
  const many = sign === '-' ? -Number(count) : Number(count);
  const date = new Date(now);
  if (/^MONTH$/i.test(unit)) return date.setUTCMonth(date.getUTCMonth() + many);
  if (/^YEAR$/i.test(unit)) return date.setUTCFullYear(date.getUTCFullYear() + many);
  return now + many * (UNITS[unit.toUpperCase().replace(/^MILLI$/, 'MILLIS')] ?? 0);
}

/** Dates as Java's patterns write them, of those that have only numbers: `yyyy-MM-dd`, `yyyy/MM/dd/HH`. */
function datesOf(format: string): { pattern: string; read: (text: string) => Instant | undefined } {
  const letters: string[] = [];
  const grouped = format
    .replaceAll("'", '')
    .replaceAll(/([yMdHms])\1*|[^A-Za-z0-9]/g, (run, letter?: string) => {
      if (letter === undefined) return literal(run);
      letters.push(letter);
      return `(\\d{${run.length}})`;
    });
  const regex = new RegExp(`^${grouped}$`);
  const read = (text: string): Instant | undefined => {
    const match = regex.exec(text);
    if (!match) return undefined;
    const part = (letter: string, otherwise: number): number => {
      const place = letters.indexOf(letter);
      return place < 0 ? otherwise : Number(match[place + 1]);
    };
    return Date.UTC(
      part('y', 1970),
      part('M', 1) - 1,
      part('d', 1),
      part('H', 0),
      part('m', 0),
      part('s', 0),
    );
  };
  return { pattern: grouped.replaceAll('(', '(?:'), read };
}
