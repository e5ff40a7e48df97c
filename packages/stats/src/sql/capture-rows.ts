import { PREDICTION } from '../read/capture-payload.ts';
import { UserError } from '../user-error.ts';
import { NUMBER } from './cells.ts';
import type { SqlColumn } from './columns.ts';
import { arrayInSql, inSteps, textInSql } from './text.ts';

/**
 * What stands after FROM to profile captures, and the columns for `profileQuery`: a row for each instance of each request, as profileFiles
 * makes them. Values are told by how they are written, whatever the baseline's type, so that a text among numbers is seen.
 * @param table made by `captureTable`
 * @param names what to profile: the features, in the order in which payloads without names (CSV, lists of numbers) have them, and of the
 *   answers `prediction`, `prediction.1`, `prediction.<name>`
 * @param where a condition on the table's rows, of its partitions for example
 * @throws UserError for a name that no JSON path says
 */
export function captureRows(
  table: string,
  names: readonly string[],
  where?: string,
): { from: string; columns: SqlColumn[] } {
  for (const name of names) {
    if (/["\\]/.test(name)) throw new UserError('has a quote or backslash in its name', { column: name });
  }
  const features = names.filter((name) => !isAnswer(name));
  const columns = names.map((name, i): SqlColumn => ({ name, form: 'json', expression: `value_${i}` }));
  const values = names.map((name, i) => {
    const value = isAnswer(name) ? answerValue(name) : `element_at(features, ${features.indexOf(name) + 1})`;
    return `${value} AS value_${i}`;
  });
  const relations = [
    `SELECT ${side('input')}, ${side('output')} FROM ${table}${where === undefined ? '' : ` WHERE ${where}`}`,
    `SELECT *, ${decoded('input')}, ${decoded('output')} FROM before`,
    `SELECT *, ${isJson('input')}, ${isJson('output')} FROM before`,
    `SELECT *, ${itemsIn('input', ['instances', 'inputs', 'data'])}, ${itemsIn('output', ['predictions', 'outputs', 'scores'])} FROM before`,
    `SELECT input_is_json, output_is_json, instance, answer,
      CASE WHEN input_is_json THEN json_parse(instance) END AS instance_json,
      CASE WHEN output_is_json THEN json_parse(answer) END AS answer_json
    FROM before CROSS JOIN UNNEST(${PAIRED}, output_items) AS pair (instance, answer)`,
    `SELECT *, ${features.length === 0 ? 'NULL' : featuresIn(features)} AS found,
      CASE WHEN NOT output_is_json THEN ${csvValues('answer')}
        WHEN answer LIKE '[%' THEN ${texts('CAST(answer_json AS array(json))')} END AS answers FROM before`,
    `SELECT *, ${features.length === 0 ? 'NULL' : expected(features.length)} AS features FROM before`,
    `SELECT ${values.join(', ')} FROM before`,
  ];
  return { from: `(${inSteps('capture', relations)})`, columns };
}

function isAnswer(name: string): boolean {
  return name === PREDICTION || name.startsWith(`${PREDICTION}.`);
}

/** Of a side its text, and how it is written. */
function side(name: 'input' | 'output'): string {
  const from = `capturedata.endpoint${name}`;
  return `${from}.data AS ${name}_data, ${from}.observedcontenttype AS ${name}_type,
      CASE WHEN ${from}.data IS NOT NULL THEN coalesce(${from}.encoding, 'CSV') END AS ${name}_encoding`;
}

function decoded(name: string): string {
  const text = `CASE WHEN ${name}_encoding = 'BASE64' THEN from_utf8(from_base64(${name}_data))
      WHEN ${name}_encoding IN ('CSV', 'JSON') THEN ${name}_data
      ELSE ${failing(`'the encoding ' || ${name}_encoding`, 'varchar')} END`;
  return `${text} AS ${name}_text`;
}

function isJson(name: string): string {
  return `${name}_encoding = 'JSON' OR ${name}_encoding = 'BASE64'
      AND (coalesce(${name}_type, '') LIKE '%json%' OR regexp_like(${name}_text, '^\\s*[\\[{]')) AS ${name}_is_json`;
}

/** No function of Trino's is documented to fail, but a text that is cast to a number does, and tells the text. */
function failing(message: string, type: string): string {
  return `CAST(CAST(${message} AS bigint) AS ${type})`;
}

/** The instances, or the answers: pieces of JSON, or lines of CSV. */
function itemsIn(name: string, members: readonly string[]): string {
  const json = `json_parse(${name}_text)`;
  const lists = ['$', ...members.map((member) => `$.${member}`)].map((path) => {
    const list = `json_extract(${json}, ${textInSql(path)})`;
    return `WHEN json_array_length(${list}) IS NOT NULL THEN CAST(${list} AS array(json))`;
  });
  return `CASE WHEN ${name}_is_json THEN ${texts(`CASE ${lists.join('\n      ')} ELSE ARRAY[${json}] END`)}
      ELSE filter(transform(split(${name}_text, chr(10)), line -> trim(line)), line -> line <> '') END AS ${name}_items`;
}

function texts(list: string): string {
  return `transform(${list}, item -> json_format(item))`;
}

/** The instances, where there are as many as answers. */
const PAIRED = `CASE
      WHEN input_items IS NULL AND output_items IS NULL THEN ARRAY[${failing(`'a line without data' || coalesce(input_type, '')`, 'varchar')}]
      WHEN cardinality(input_items) <> cardinality(output_items) THEN ARRAY[${failing(
        `CAST(cardinality(input_items) AS varchar) || ' instances but ' || CAST(cardinality(output_items) AS varchar) || ' predictions'`,
        'varchar',
      )}]
      ELSE input_items END`;

/** Fields of a line of CSV as pieces of JSON, numbers as they are written. */
function csvValues(line: string): string {
  return `transform(transform(split(${line}, ','), field -> regexp_replace(trim(field), '^"(.*)"$', '$1')), field -> CASE
      WHEN field = '' OR lower(field) = 'nan' THEN NULL
      WHEN regexp_like(field, '${NUMBER}|^-?Infinity$') THEN field ELSE json_format(CAST(field AS json)) END)`;
}

function featuresIn(names: readonly string[]): string {
  const list = `json_extract(instance_json, '$.features')`;
  const byName = names.map(
    (name) => `json_format(json_extract(instance_json, ${textInSql(`$["${name}"]`)}))`,
  );
  return `CASE WHEN NOT input_is_json THEN ${csvValues('instance')}
      WHEN instance LIKE '[%' THEN ${texts('CAST(instance_json AS array(json))')}
      WHEN json_array_length(${list}) IS NOT NULL THEN ${texts(`CAST(${list} AS array(json))`)}
      WHEN instance LIKE '{%' THEN ${arrayInSql(byName)}
      WHEN instance IS NOT NULL THEN ARRAY[instance] END`;
}

function expected(many: number): string {
  const found = `CAST(cardinality(found) AS varchar)`;
  return `CASE WHEN cardinality(found) <> ${many} THEN ARRAY[${failing(`${found} || ' features where ${many} are expected'`, 'varchar')}] ELSE found END`;
}

function answerValue(name: string): string {
  const member = name === PREDICTION ? undefined : name.slice(PREDICTION.length + 1);
  if (member === undefined) {
    return `CASE WHEN answers IS NOT NULL THEN element_at(answers, 1)
      WHEN NOT answer LIKE '{%' THEN answer
      WHEN json_size(answer_json, '$') = 1 THEN json_format(element_at(map_values(CAST(answer_json AS map(varchar, json))), 1)) END`;
  }
  const position = /^\d+$/.test(member) ? Number(member) + 1 : 0;
  const listed = position > 0 ? `WHEN answers IS NOT NULL THEN element_at(answers, ${position})\n      ` : '';
  return `CASE ${listed}WHEN json_size(answer_json, '$') > 1
        THEN json_format(json_extract(answer_json, ${textInSql(`$["${member}"]`)})) END`;
}
