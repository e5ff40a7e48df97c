import { identity, trainingImage, UserError, type Aws, type TrainingJobSpec } from '@tidegate/aws';
import { artifactsUri } from '../artifacts.ts';
import { resolveData, storeDataManifest, type DataManifest } from '../job-data.ts';
import { contentName, digestOf } from '../naming.ts';
import { readTree, type SourceTree } from '../source-tree/read-tree.ts';
import { storeSource } from '../source-tree/store-source.ts';
import { provenanceTags, type Surroundings } from '../surroundings.ts';
import type { TrainSettings } from './settings.ts';

/** Everything that goes in, looked up and named by its content; nothing has been started yet. */
export type Prepared = {
  name: string;
  /** All but the name, which an attempt brings, and the instance, which capacity decides. */
  spec: Omit<TrainingJobSpec, 'name' | 'instanceType' | 'image'>;
  imageFor(instanceType: string): string;
  sourceUri: string | undefined;
  sourceDigest: string | undefined;
  data: Record<string, DataManifest>;
  dataDigest: string;
};

/**
 * Looks at everything a job will need, at once, and stores what is missing in S3.
 * @throws UserError naming every problem together
 */
export async function prepare(settings: TrainSettings, { aws, log }: Surroundings): Promise<Prepared> {
  const imageFor = (instanceType: string) => trainingImage(settings.image, aws.region, instanceType);
  const image = imageFor(settings.instanceType);
  const { tree, data } = await lookAtInputs(settings, aws);

  const artifacts = await artifactsUri(aws, settings.model, settings.bucket);
  const source = tree ? await storeSource(aws, tree, artifacts) : undefined;
  if (tree && source) {
    const stored = source.uploaded ? 'uploaded' : 'there already';
    log.info(`source: ${tree.files.length} files, ${kib(tree.sizeBytes)}, ${stored}: ${source.uri}`);
  }
  const dataDigest = digestOf(Object.entries(data).map(([channel, { digest }]) => [channel, digest]));
  const name = contentName(settings.model, {
    source: tree?.digest,
    entry: settings.source?.entry,
    image,
    hyperparameters: settings.hyperparameters,
    environment: settings.environment,
    metrics: settings.metrics,
    data: dataDigest,
    instance: [settings.instanceType, settings.instanceCount],
    spot: settings.spot !== undefined,
  });
  const channels: TrainingJobSpec['channels'] = {};
  for (const [channel, manifest] of Object.entries(data)) {
    log.info(
      `data: ${channel} is ${manifest.objects.length} ${manifest.objects.length === 1 ? 'object' : 'objects'}, ${kib(manifest.sizeBytes)}, of ${manifest.uri}`,
    );
    channels[channel] = await storeDataManifest(aws, manifest, artifacts);
  }
  return {
    name,
    imageFor,
    sourceUri: source?.uri,
    sourceDigest: tree?.digest,
    data,
    dataDigest,
    spec: {
      roleArn: settings.roleArn,
      instanceCount: settings.instanceCount,
      volumeGb: settings.volumeGb,
      hyperparameters: {
        ...settings.hyperparameters,
        // What the training toolkit of AWS's framework images reads (github.com/aws/sagemaker-training-toolkit, params.py).
        ...(source && settings.source
          ? {
              sagemaker_program: settings.source.entry,
              sagemaker_submit_directory: source.uri,
              sagemaker_region: aws.region,
            }
          : {}),
      },
      environment: settings.environment,
      channels,
      outputUri: `${artifacts}/training`,
      maxRuntimeSeconds: Math.ceil(settings.maxRuntime / 1000),
      ...(settings.spot ? { spot: { maxWaitSeconds: Math.ceil(settings.spot.maxWait / 1000) } } : {}),
      ...(settings.checkpointUri ? { checkpointUri: settings.checkpointUri } : {}),
      metrics: Object.entries(settings.metrics).map(([metric, regex]) => ({ name: metric, regex })),
      network: settings.network,
      tags: {
        ...settings.tags,
        ...provenanceTags(settings.provenance),
        'tidegate:model': settings.model,
        ...(tree ? { 'tidegate:source': tree.digest } : {}),
      },
    },
  };
}

async function lookAtInputs(
  settings: TrainSettings,
  aws: Aws,
): Promise<{ tree: SourceTree | undefined; data: Record<string, DataManifest> }> {
  const problems: string[] = [];
  const noted = async <T>(look: Promise<T>): Promise<T | undefined> => {
    try {
      return await look;
    } catch (error) {
      if ((error as Error).name !== 'UserError') throw error;
      problems.push((error as Error).message);
      return undefined;
    }
  };
  if (settings.spot && settings.checkpointUri === undefined) {
    problems.push(
      'Spot capacity needs a checkpoint path: an interrupted job would start from nothing, and may never end.',
    );
  }
  if (settings.spot && settings.spot.maxWait < settings.maxRuntime) {
    problems.push('max-wait counts the run too, so it must be at least max-runtime.');
  }
  const role = await noted(identity(aws).roleExists(settings.roleArn));
  if (role === 'missing') {
    problems.push(
      `The role ${settings.roleArn} does not exist (iam:CreateRole makes it, for sagemaker.amazonaws.com).`,
    );
  }
  const tree = settings.source && (await noted(readTree(settings.source.folder, settings.source.exclude)));
  if (tree && settings.source && !tree.files.some(({ path }) => path === settings.source?.entry)) {
    problems.push(
      `The entry ${settings.source.entry} is not in ${settings.source.folder} (or is left out by an ignore file).`,
    );
  }
  const data: Record<string, DataManifest> = {};
  for (const [channel, uri] of Object.entries(settings.data)) {
    const found = await noted(resolveData(aws, uri));
    if (found) data[channel] = found;
    else if (!problems.some((problem) => problem.includes(uri)))
      problems.push(`${uri} (data channel ${channel}) holds nothing.`);
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return { tree, data };
}

function kib(bytes: number): string {
  return bytes < 10 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
