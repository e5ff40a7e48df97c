import path from 'node:path';
import {
  profileSources,
  profileSummary,
  profileToStatistics,
  writeProfile,
  type ColumnSummary,
} from '@tidegate/stats';
import { dataOptions, parseThreads, readDataOptions } from '../data/options.ts';
import { placesOf, type Place } from '../data/places.ts';
import { readPlaces } from '../data/read-places.ts';
import { printJson, writeOutput } from '../data/write-output.ts';
import { UserError } from '../terminal/errors.ts';
import { count } from '../terminal/style.ts';
import { parseCommandLine, UsageError } from './arguments.ts';

const options = {
  ...dataOptions,
  threads: { type: 'string' },
  output: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options, [1, Infinity]);
  const { output } = values;
  if (output !== undefined && !/\.(profile\.gz|json)$/.test(output))
    throw new UsageError(
      `--output ${output} ends neither in .profile.gz nor, for a statistics.json, in .json`,
    );
  const reading = await readDataOptions(values);
  const threads = parseThreads(values.threads);
  const places = (await placesOf(positionals)).flat();
  const isOutput = ({ name }: Place) => output !== undefined && path.resolve(name) === path.resolve(output);
  if (places.some(isOutput))
    throw new UserError(
      `${output!} is read and written: a second run would count it twice, so write elsewhere`,
    );
  const profile = await readPlaces(positionals.join(' '), places, (progress) =>
    profileSources(
      places.map(({ source }) => source),
      { ...reading, threads, progress },
    ),
  );
  const statistics = () => profileToStatistics(profile);
  if (output?.endsWith('.json')) writeOutput(output, `${JSON.stringify(statistics())}\n`);
  else if (output !== undefined) writeOutput(output, writeProfile(profile));
  if (values.json) {
    printJson(statistics());
    return 0;
  }
  console.log(`${count(profile.rows)} rows, ${count(profile.columns.length)} columns`);
  for (const line of tableLines(profileSummary(profile))) console.log(line);
  return 0;
}

function tableLines(columns: readonly ColumnSummary[]): string[] {
  const head = [
    'column',
    'type',
    'missing',
    'wrong',
    'distinct',
    'mean',
    'deviation',
    'least',
    'median',
    'most',
  ];
  const rows = columns.map((column) => [
    column.name,
    column.type,
    share(column.missing),
    share(column.wrong),
    column.distinct === null ? '' : `${column.distinctIsExact ? '' : '≈ '}${count(column.distinct)}`,
    ...(column.numbers
      ? [column.numbers.mean, column.numbers.deviation, ...column.numbers.quantiles].map(short)
      : [
          column.top
            .map(({ text, count: many }) => `${text} ${count(many)}`)
            .join(', ')
            .slice(0, 60),
        ]),
  ]);
  const widths = head.map((_, i) =>
    Math.max(...[head, ...rows].map((row) => (i < 5 || row.length > 6 ? (row[i]?.length ?? 0) : 0))),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const share = (value: number) => (value === 0 ? '0' : `${(value * 100).toFixed(1)} %`);
const short = (value: number) => Number(value.toPrecision(5)).toString();
