import { joinS3Uri, objects, trainingJobs, UserError, type Aws, type JobInput } from '@tidegate/aws';
import { resolveData, storeDataManifest } from '../job-data.ts';
import { contentName } from '../naming.ts';
import type { Surroundings } from '../surroundings.ts';
import { analyse, inputPath, outputPath } from './analyse.ts';
import { monitorPlaces, type BaselineBinding } from './places.ts';

export type BaselineSettings = {
  model: string;
  endpoint: string;
  roleArn: string;
  instanceType: string;
  maxRuntime: number;
  artifactsUri: string;
  /** CSV, JSON lines, Parquet, or an output.tar.gz with a baseline.csv. */
  baselineUri: string | undefined;
  /** Whose output.tar.gz holds baseline.csv, where no URI is given. */
  trainingJob: string | undefined;
  tags: Record<string, string>;
};

/** Statistics and constraints of the training data, made once for the same data and the same analyser. */
export async function makeBaseline(
  settings: BaselineSettings,
  analyserImage: string,
  around: Surroundings,
): Promise<Omit<BaselineBinding, 'endpointConfig'> & { reused: boolean }> {
  const { aws } = around;
  const baselineUri = settings.baselineUri ?? (await trainingOutput(settings.trainingJob, aws));
  const data = await resolveData(aws, baselineUri);
  if (data === undefined)
    throw new UserError(
      `There is no baseline at ${baselineUri}: a training script leaves one as baseline.csv in SM_OUTPUT_DATA_DIR, or give baseline-uri.`,
    );
  const name = contentName(`${settings.model}-baseline`, { data: data.digest, analyserImage });
  const outputUri = monitorPlaces(settings.artifactsUri, settings.endpoint).baseline(name);
  const input: JobInput =
    data.objects.length === 1
      ? { uri: data.objects[0]?.uri ?? '', type: 'prefix' }
      : await storeDataManifest(aws, data, settings.artifactsUri);
  const { reused } = await analyse(
    {
      ...settings,
      name,
      image: analyserImage,
      arguments: ['--mode', 'baseline', '--baseline', inputPath('baseline'), '--output', outputPath],
      inputs: { baseline: input },
      outputUri,
    },
    around,
  );
  return {
    baselineUri,
    statisticsUri: joinS3Uri(outputUri, 'statistics.json'),
    constraintsUri: joinS3Uri(outputUri, 'constraints.json'),
    analyserImage,
    reused,
  };
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
