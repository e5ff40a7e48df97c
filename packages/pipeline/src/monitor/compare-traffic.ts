import { joinS3Uri, objects, UserError, type Aws } from '@tidegate/aws';
import { driftResults, featureNames, type DriftReport, type Measure, type Profile } from '@tidegate/stats';
import type { DataManifest } from '../job-data.ts';
import { contentName } from '../naming.ts';
import type { Surroundings } from '../surroundings.ts';
import { parseReport } from './drift-facts.ts';
import type { Engine } from './engine.ts';
import { monitorPlaces, type BaselineBinding } from './places.ts';
import { keptProfile, loadProfile, storeResults, takeProfile } from './profiles.ts';

export type ComparisonSettings = {
  model: string;
  endpoint: string;
  artifactsUri: string;
  thresholds: {
    measure: Measure;
    warn: number;
    fail: number;
    minSamples: number;
    /** All of the baseline's where none are named. */
    features: string[];
  };
};

export type Comparison = { report: DriftReport; name: string; resultsUri: string; reused: boolean };

/** Compares captured traffic with a baseline, once for the same traffic, baseline and thresholds. */
export async function compareTraffic(
  settings: ComparisonSettings,
  binding: BaselineBinding,
  data: DataManifest,
  engine: Engine,
  around: Surroundings,
): Promise<Comparison> {
  const { aws } = around;
  const { model, artifactsUri } = settings;
  const { features, ...limits } = settings.thresholds;
  const thresholds = { ...limits, ...(features.length === 0 ? {} : { features }) };
  const baseline = await loadProfile(binding.profileUri, aws);
  refuseUnknown(features, baseline, binding);
  const names = featureNames(baseline);
  const traffic = keptProfile({ prefix: `${model}-drift`, data, names }, engine, artifactsUri);
  const compared = { traffic: traffic.uri, baseline: binding.profileUri, thresholds };
  const name = contentName(`${model}-check`, compared);
  const resultsUri = monitorPlaces(artifactsUri).check(settings.endpoint, name);
  // The last file that is written, see driftResults.
  const known = await findReport(joinS3Uri(resultsUri, 'drift.json'), aws);
  if (known !== undefined) return { report: known, name, resultsUri, reused: true };
  const { profile } = await takeProfile(traffic, engine, around);
  const { report, results } = driftResults(baseline, profile, thresholds);
  await storeResults(resultsUri, results, aws);
  return { report, name, resultsUri, reused: false };
}

/** Before anything is started. */
function refuseUnknown(
  features: readonly string[],
  { columns }: Profile,
  { baselineUri }: BaselineBinding,
): void {
  const known = columns.map(({ name }) => name);
  const unknown = features.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UserError(
      `The baseline ${baselineUri} has no feature ${unknown.join(', ')}; it has: ${known.join(', ')}.`,
    );
}

async function findReport(uri: string, aws: Aws): Promise<DriftReport | undefined> {
  if ((await objects(aws).find(uri)) === undefined) return undefined;
  return parseReport((await objects(aws).read(uri)).toString('utf8'));
}
