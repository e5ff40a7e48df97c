import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../../kernel/world.ts';
import { parseS3Uri } from '../../../s3/objects.ts';
import { download, inputObjects, MissingInput, shareOf } from '../inputs.ts';
import type { TrainingRecord } from './record.ts';

/** One instance of a job: its name among its peers and what stands above its `/opt/ml`. */
export type Instance = { host: string; root: string };

export const checkpointFolder = (record: TrainingRecord) =>
  record.request.CheckpointConfig?.LocalPath ?? '/opt/ml/checkpoints';

/** Lays out one instance's `/opt/ml` as SageMaker does before the container starts, without the data. */
export async function layOut(
  record: TrainingRecord,
  { host, root }: Instance,
  hosts: readonly string[],
): Promise<void> {
  const { request } = record;
  const ml = join(root, 'opt', 'ml');
  const folders = [
    'input/config',
    'input/data',
    'model',
    'code',
    'output/data',
    'output/intermediate',
    'tmp',
  ];
  for (const folder of folders) await mkdir(join(ml, folder), { recursive: true });
  if (request.CheckpointConfig !== undefined)
    await mkdir(join(root, checkpointFolder(record)), { recursive: true });
  const write = (name: string, value: unknown) =>
    writeFile(join(ml, 'input', 'config', name), JSON.stringify(value));
  const instanceType = request.ResourceConfig?.InstanceType;
  await write('hyperparameters.json', request.HyperParameters ?? {});
  await write('resourceconfig.json', {
    current_host: host,
    current_instance_type: instanceType,
    current_group_name: 'homogeneousCluster',
    hosts,
    instance_groups: [{ instance_group_name: 'homogeneousCluster', instance_type: instanceType, hosts }],
    network_interface_name: 'eth0',
    topology: null,
  });
  const channels = (request.InputDataConfig ?? []).map((channel) => [
    channel.ChannelName,
    {
      ...(channel.ContentType === undefined ? {} : { ContentType: channel.ContentType }),
      TrainingInputMode: modeOf(record, channel),
      S3DistributionType: channel.DataSource?.S3DataSource?.S3DataDistributionType ?? 'FullyReplicated',
      RecordWrapperType: channel.RecordWrapperType ?? 'None',
    },
  ]);
  await write('inputdataconfig.json', Object.fromEntries(channels));
}

/** Puts every channel's share of the data into one instance's `/opt/ml/input/data`. @throws MissingInput */
export async function downloadChannels(
  world: World,
  record: TrainingRecord,
  instance: Instance,
  host: number,
  hosts: number,
): Promise<void> {
  for (const channel of record.request.InputDataConfig ?? []) {
    const source = channel.DataSource?.S3DataSource;
    const uri = source?.S3Uri ?? '';
    const folder = join(instance.root, 'opt', 'ml', 'input', 'data', channel.ChannelName ?? '');
    const objects = await inputObjects(world, source?.S3DataType ?? 'S3Prefix', uri);
    if (objects.length === 0)
      throw new MissingInput(
        `NoSuchKey (404): no object begins with ${uri} (channel "${channel.ChannelName}")`,
      );
    await download(
      world,
      shareOf(objects, source?.S3DataDistributionType, host, hosts),
      folder,
      modeOf(record, channel),
    );
    if (source?.S3DataType === 'ManifestFile') {
      const { bucket, key } = parseS3Uri(uri);
      await download(world, [{ bucket, key, path: `${channel.ChannelName}-manifest` }], join(folder, '..'));
    }
  }
}

type ChannelOf = NonNullable<TrainingRecord['request']['InputDataConfig']>[number];

const modeOf = (record: TrainingRecord, channel: ChannelOf) =>
  (channel.InputMode ?? record.request.AlgorithmSpecification?.TrainingInputMode) === 'FastFile'
    ? 'FastFile'
    : 'File';

/** What the platform puts into the container's environment, the request's own last. */
export function trainingEnvironment(record: TrainingRecord): Record<string, string> {
  return { TRAINING_JOB_NAME: record.name, TRAINING_JOB_ARN: record.arn, ...record.request.Environment };
}

/** The command line of a container: `train`, unless the request brings an entrypoint or arguments of its own. */
export function trainingCommand(record: TrainingRecord) {
  const { ContainerEntrypoint: entrypoint, ContainerArguments: args } =
    record.request.AlgorithmSpecification ?? {};
  if (entrypoint !== undefined) return { command: [...entrypoint, ...(args ?? [])] };
  return args === undefined ? { command: 'train' as const } : { command: undefined, arguments: args };
}
