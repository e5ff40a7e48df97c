import { textInSql } from './text.ts';

const SIDE = 'struct<observedContentType:string,mode:string,data:string,encoding:string>';

/**
 * DDL of an external table over an endpoint's captures (`<prefix>/<endpoint>/<variant>/yyyy/mm/dd/hh/….jsonl`). Its partitions are the hours,
 * which nobody has to add: they are projected.
 * @param location the variant's folder
 */
export function captureTable(database: string, name: string, location: string): string {
  const root = location.replace(/\/*$/, '');
  const properties = {
    'projection.enabled': 'true',
    'projection.hour.type': 'date',
    'projection.hour.format': 'yyyy/MM/dd/HH',
    'projection.hour.range': '2017/11/29/00,NOW+1DAYS',
    'projection.hour.interval': '1',
    'projection.hour.interval.unit': 'HOURS',
    'storage.location.template': `${root}/\${hour}`,
  };
  const pairs = Object.entries(properties).map(([key, value]) => `${textInSql(key)} = ${textInSql(value)}`);
  return `CREATE EXTERNAL TABLE IF NOT EXISTS \`${database}\`.\`${name}\` (
  captureData struct<endpointInput:${SIDE},endpointOutput:${SIDE}>,
  eventMetadata struct<eventId:string,inferenceId:string,inferenceTime:string>,
  eventVersion string
)
PARTITIONED BY (hour string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION ${textInSql(`${root}/`)}
TBLPROPERTIES (${pairs.join(', ')})`;
}

/** The condition on such a table that an hour begins within [from, to), both in milliseconds since 1970. */
export function captureHours(from: number, to: number): string {
  const hourOf = (at: number): string => new Date(at).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
  const last = Math.ceil(to / 3_600_000) * 3_600_000;
  return `hour >= ${textInSql(hourOf(from))} AND hour < ${textInSql(hourOf(last))}`;
}
