import {
  drift,
  MEASURES,
  namesIn,
  profileLike,
  profileSources,
  type DriftSettings,
  type Profile,
} from '@tidegate/stats';
import { dataOptions, parseThreads, readDataOptions } from '../data/options.ts';
import { placesOf, type Place } from '../data/places.ts';
import { readPlaces } from '../data/read-places.ts';
import { placesOfSeason, parseSeason } from '../data/season.ts';
import { UserError } from '../terminal/errors.ts';
import {
  checkStandardInput,
  parseAmount,
  parseCommandLine,
  parseCount,
  parseOneOf,
  UsageError,
} from './arguments.ts';
import { tellDrift, type ComparedWindow } from './tell-drift.ts';
import { findTruth, labelOptions, readPerformance } from './drift-performance.ts';

const options = {
  ...dataOptions,
  ...labelOptions,
  threads: { type: 'string' },
  measure: { type: 'string', default: 'psi' },
  warn: { type: 'string' },
  fail: { type: 'string' },
  'min-samples': { type: 'string', default: '1000' },
  'false-discovery-rate': { type: 'string', default: '0.05' },
  windows: { type: 'string' },
  season: { type: 'string' },
  output: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options, [2, Infinity]);
  const settings = settingsFrom(values);
  const quorum = values.windows === undefined ? undefined : parseQuorum(values.windows);
  const season = parseSeason(values.season);
  const threads = parseThreads(values.threads);
  checkStandardInput(positionals);
  const reading = await readDataOptions(values);
  const [known, ...currentWords] = positionals as [string, ...string[]];
  const [all = [], ...current] = await placesOf([known, ...currentWords]);
  const truth = await findTruth(values, current.flat());
  const windows =
    quorum === undefined
      ? [{ name: currentWords.join(' '), places: current.flat() }]
      : currentWords.map((name, i) => ({ name, places: current[i]! }));
  const baselinePlaces = season === undefined ? all : placesOfSeason(all, current.flat(), season);
  const baseline = await readPlaces(known, baselinePlaces, (progress) =>
    profileSources(sources(baselinePlaces), { ...reading, threads, progress }),
  );
  if (baseline.rows === 0) throw new UserError(`${known}: the baseline has no rows`);
  const captureNames = reading.columns && (await allNames(baselinePlaces[0]!));
  const compared: ComparedWindow[] = [];
  for (const { name, places } of windows) {
    const window = await readPlaces(name, places, (progress) =>
      profileLike(baseline, sources(places), { ...reading, captureNames, threads, progress }),
    );
    checkSchema(reading.schema ?? {}, [baseline, window]);
    compared.push({ name, report: drift(baseline, window, { ...settings, features: reading.columns }) });
  }
  const performance = truth && (await readPerformance(truth, values, current.flat()));
  return tellDrift(compared, performance, { ...values, baseline: known, quorum });
}

/** Captured lists of features have all of them, however few are compared. Undefined where the baseline cannot be looked at twice. */
async function allNames({ source, bytes }: Place): Promise<string[] | undefined> {
  return bytes === undefined ? undefined : await namesIn(source);
}

function settingsFrom(values: {
  measure: string;
  warn?: string;
  fail?: string;
  'min-samples': string;
  'false-discovery-rate': string;
}): DriftSettings {
  const { warn, fail, 'false-discovery-rate': rate } = values;
  return {
    measure: parseOneOf('measure', values.measure, MEASURES),
    warn: warn === undefined ? undefined : parseAmount('warn', warn),
    fail: fail === undefined ? undefined : parseAmount('fail', fail),
    minSamples: parseCount('min-samples', values['min-samples']),
    falseDiscoveryRate: parseAmount('false-discovery-rate', rate),
  };
}

function parseQuorum(text: string): { k: number; n: number } {
  const [, k, n] = /^([1-9]\d*) of ([1-9]\d*)$/.exec(text) ?? [];
  if (Number(k) <= Number(n)) return { k: Number(k), n: Number(n) };
  throw new UsageError(`--windows "${text}" is not like "2 of 3"`);
}

function sources(places: readonly Place[]) {
  return places.map(({ source }) => source);
}

/** A misspelt name would change nothing, and nobody would know. */
function checkSchema(schema: object, profiles: readonly Profile[]): void {
  const names = new Set(profiles.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const unknown = Object.entries(schema).filter(([name, type]) => type !== 'ignore' && !names.has(name));
  if (unknown.length === 0) return;
  throw new UserError(
    `the schema gives a type to ${unknown.map(([name]) => name).join(', ')}; the columns are: ${[...names].join(', ')}`,
  );
}
