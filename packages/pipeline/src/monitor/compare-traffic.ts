import { joinS3Uri, objects, type Aws } from '@tidegate/aws';
import type { DriftReport, Measure } from '@tidegate/stats';
import { storeDataManifest, type DataManifest } from '../job-data.ts';
import { contentName, digestOf } from '../naming.ts';
import type { Surroundings } from '../surroundings.ts';
import { analyse, inputPath, outputPath } from './analyse.ts';
import { parseReport } from './drift-facts.ts';
import { monitorPlaces, type BaselineBinding } from './places.ts';

export type ComparisonSettings = {
  model: string;
  endpoint: string;
  roleArn: string;
  instanceType: string;
  maxRuntime: number;
  artifactsUri: string;
  thresholds: {
    measure: Measure;
    warn: number;
    fail: number;
    minSamples: number;
    /** All of the baseline's where none are named. */
    features: string[];
  };
  tags: Record<string, string>;
};

export type Comparison = { report: DriftReport; name: string; resultsUri: string; reused: boolean };

/** Compares captured traffic with a baseline in a Processing job, once for the same traffic, baseline and thresholds. */
export async function compareTraffic(
  settings: ComparisonSettings,
  binding: BaselineBinding,
  data: DataManifest,
  around: Surroundings,
): Promise<Comparison> {
  const { aws } = around;
  const { features, ...limits } = settings.thresholds;
  const thresholds = { ...limits, ...(features.length === 0 ? {} : { features }) };
  const name = contentName(`${settings.model}-drift`, { data: data.digest, thresholds, ...binding });
  const resultsUri = monitorPlaces(settings.artifactsUri, settings.endpoint).check(name);
  const { job, reused } = await analyse(
    {
      ...settings,
      name,
      image: binding.analyserImage,
      arguments: [
        '--mode',
        'check',
        '--baseline',
        inputPath('baseline'),
        '--capture',
        inputPath('capture'),
        '--thresholds',
        `${inputPath('thresholds')}/thresholds.json`,
        '--output',
        outputPath,
      ],
      inputs: {
        baseline: { uri: binding.statisticsUri, type: 'prefix' },
        capture: await storeDataManifest(aws, data, settings.artifactsUri),
        thresholds: { uri: await storeThresholds(settings.artifactsUri, thresholds, aws), type: 'prefix' },
      },
      outputUri: resultsUri,
    },
    around,
  );
  const uri = job.outputs['results'] ?? resultsUri;
  const json = await objects(aws).read(joinS3Uri(uri, 'drift.json'));
  return { report: parseReport(json.toString('utf8')), name: job.name, resultsUri: uri, reused };
}

/** As a file, because a job's arguments hold 256 characters each and a list of features may be longer. */
async function storeThresholds(artifactsUri: string, thresholds: unknown, aws: Aws): Promise<string> {
  const json = JSON.stringify(thresholds);
  const uri = joinS3Uri(artifactsUri, 'monitor', 'thresholds', digestOf(json), 'thresholds.json');
  if ((await objects(aws).find(uri)) === undefined)
    await objects(aws).upload(uri, { bytes: Buffer.from(json) }, 'application/json');
  return uri;
}
