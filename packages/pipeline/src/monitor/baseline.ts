import { joinS3Uri, objects, trainingJobs, UserError, type Aws } from '@tidegate/aws';
import { baselineFiles, baselineResults } from '@tidegate/stats';
import { dataOf, resolveData, type DataManifest } from '../job-data.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Engine } from './engine.ts';
import { monitorPlaces, type BaselineBinding } from './places.ts';
import { keptProfile, storeResults, takeProfile } from './profiles.ts';

export type BaselineSettings = {
  model: string;
  artifactsUri: string;
  /** CSV, JSON lines, Parquet, or an output.tar.gz with a baseline.csv. */
  baselineUri: string | undefined;
  /** Whose output.tar.gz holds baseline.csv, where no URI is given. */
  trainingJob: string | undefined;
};

/** The profile, statistics and constraints of the training data, made once for the same data and the same analyser. */
export async function makeBaseline(
  { model, artifactsUri, ...from }: BaselineSettings,
  engine: Engine,
  around: Surroundings,
): Promise<Omit<BaselineBinding, 'endpointConfig' | 'analyserImage'> & { reused: boolean }> {
  const { aws } = around;
  const baselineUri = from.baselineUri ?? (await trainingOutput(from.trainingJob, aws));
  const data = await baselineData(baselineUri, aws);
  const kept = keptProfile({ prefix: `${model}-baseline`, data, names: [] }, engine, artifactsUri);
  const { profile, reused } = await takeProfile(kept, engine, around);
  if (profile.rows === 0)
    throw new UserError(`The baseline at ${baselineUri} has no rows: there is nothing to compare with.`);
  const folder = monitorPlaces(artifactsUri).baseline(kept.order.name);
  const statisticsUri = joinS3Uri(folder, 'statistics.json');
  const constraintsUri = joinS3Uri(folder, 'constraints.json');
  // The last file that is written, see baselineResults.
  if ((await objects(aws).find(constraintsUri)) === undefined)
    await storeResults(folder, baselineResults(profile), aws);
  return { baselineUri, profileUri: kept.uri, statisticsUri, constraintsUri, reused };
}

/** Of all that is there, the objects that hold rows. */
async function baselineData(uri: string, aws: Aws): Promise<DataManifest> {
  const found = await resolveData(aws, uri);
  if (found === undefined)
    throw new UserError(
      `There is no baseline at ${uri}: a training script leaves one as baseline.csv in SM_OUTPUT_DATA_DIR, or give baseline-uri.`,
    );
  const files = new Set(
    baselineFiles(
      found.objects.map((object) => object.uri),
      uri,
    ),
  );
  return dataOf(
    uri,
    found.objects.filter((object) => files.has(object.uri)),
  );
}

async function trainingOutput(trainingJob: string | undefined, aws: Aws): Promise<string> {
  if (trainingJob === undefined)
    throw new UserError('Give baseline-uri, or training-job-name whose output holds baseline.csv.');
  const job = await trainingJobs(aws).find(trainingJob);
  if (job === undefined) throw new UserError(`The training job ${trainingJob} does not exist.`);
  if (job.state !== 'completed')
    throw new UserError(`The training job ${trainingJob} is ${job.state}, so it left no baseline.`);
  return job.outputUri;
}

/** The baseline of a live version; undefined where none was set up for it. */
export async function findBinding(uri: string, aws: Aws): Promise<BaselineBinding | undefined> {
  if ((await objects(aws).find(uri)) === undefined) return undefined;
  return JSON.parse((await objects(aws).read(uri)).toString('utf8')) as BaselineBinding;
}
