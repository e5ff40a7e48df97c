import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { World } from '../../../kernel/world.ts';
import { longestReason } from '../failure.ts';
import { download, inputObjects, MissingInput, shareOf } from '../inputs.ts';
import { uploadFolder, type Uploaded } from '../outputs.ts';
import type { ProcessingRecord } from './record.ts';

/** One instance of a job: its name among its peers and what stands above its `/opt/ml`. */
export type Instance = { host: string; root: string };

/** Lays out one instance's `/opt/ml` as SageMaker does before the container starts. @throws MissingInput */
export async function layOut(
  world: World,
  record: ProcessingRecord,
  { host, root }: Instance,
  hosts: readonly string[],
): Promise<void> {
  const { request } = record;
  const config = join(root, 'opt', 'ml', 'config');
  await mkdir(config, { recursive: true });
  await mkdir(join(root, 'opt', 'ml', 'output'), { recursive: true });
  await writeFile(
    join(config, 'resourceconfig.json'),
    JSON.stringify({ current_host: host, hosts, network_interface_name: 'eth0' }),
  );
  await writeFile(join(config, 'processingjobconfig.json'), JSON.stringify(jobConfig(record)));
  for (const { InputName, S3Input } of request.ProcessingInputs ?? []) {
    const {
      S3Uri: uri = '',
      LocalPath: path = '',
      S3DataType: type = 'S3Prefix',
      S3DataDistributionType: distribution,
    } = S3Input ?? {};
    const objects = await inputObjects(world, type, uri);
    if (objects.length === 0)
      throw new MissingInput(`No S3 objects found under S3 URL "${uri}" (input "${InputName}")`);
    await download(
      world,
      shareOf(objects, distribution, hosts.indexOf(host), hosts.length),
      join(root, path),
    );
  }
  for (const { S3Output } of request.ProcessingOutputConfig?.Outputs ?? []) {
    await mkdir(join(root, S3Output?.LocalPath ?? ''), { recursive: true });
  }
}

/** The request again, as the container may read it, with `null` for what was not given. */
function jobConfig({ arn, request }: ProcessingRecord) {
  const { Tags: _, ...given } = request;
  const inputs = (request.ProcessingInputs ?? []).map((input) => ({
    DatasetDefinition: null,
    ...input,
    S3Input: {
      S3DataDistributionType: 'FullyReplicated',
      S3CompressionType: 'None',
      ...input.S3Input,
      S3DownloadMode: 'StartOfJob',
    },
  }));
  return {
    Environment: null,
    ExperimentConfig: null,
    NetworkConfig: null,
    StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
    ProcessingOutputConfig: { Outputs: [], KmsKeyId: null },
    ...given,
    ProcessingJobArn: arn,
    ProcessingInputs: inputs,
  };
}

/** The requirements file in an input folder called `code`: it decides the Python environment of the job. */
export function requirementsFile({ request }: ProcessingRecord, root: string): string | undefined {
  return (request.ProcessingInputs ?? [])
    .map(({ S3Input }) => (S3Input?.LocalPath ?? '').replace(/\/+$/, ''))
    .filter((path) => basename(path) === 'code')
    .map((path) => join(root, path, 'requirements.txt'))
    .find((file) => existsSync(file));
}

/** The command line of a container: the image's own, unless the request brings an entrypoint or arguments. */
export function processingCommand({ request }: ProcessingRecord) {
  const { ContainerEntrypoint: entrypoint, ContainerArguments: args } = request.AppSpecification ?? {};
  if (entrypoint !== undefined) return { command: [...entrypoint, ...(args ?? [])] };
  return args === undefined ? { command: undefined } : { command: undefined, arguments: args };
}

/** What the containers leave in `/opt/ml/output/message`, one after the other, at most a kilobyte. */
export async function exitMessage(instances: readonly Instance[]): Promise<string | undefined> {
  const read = ({ root }: Instance) =>
    readFile(join(root, 'opt', 'ml', 'output', 'message'), 'utf8').catch(() => '');
  const message = (await Promise.all(instances.map(read))).join('').slice(0, longestReason);
  return message === '' ? undefined : message;
}

type UploadMode = 'Continuous' | 'EndOfJob';

/** How often files of continuous outputs are taken to S3, on the server's clock. */
const uploadEveryMs = 10_000;

export async function uploadOutputs(
  world: World,
  record: ProcessingRecord,
  instances: readonly Instance[],
  mode: UploadMode,
  uploaded = new Map<string, Uploaded>(),
): Promise<void> {
  const outputs = (record.request.ProcessingOutputConfig?.Outputs ?? []).map(({ S3Output }) => S3Output);
  for (const output of outputs) {
    if (output === undefined || (output.S3UploadMode ?? 'EndOfJob') !== mode) continue;
    for (const { root } of instances) {
      const folder = join(root, output.LocalPath ?? '');
      const seen = uploaded.get(folder) ?? new Map<string, string>();
      uploaded.set(folder, seen);
      await uploadFolder(world, folder, output.S3Uri ?? '', seen);
    }
  }
}

/** Uploads continuous outputs as they are written, until the returned function has made a last round. */
export function uploadContinuously(
  world: World,
  record: ProcessingRecord,
  instances: readonly Instance[],
): () => Promise<void> {
  const uploaded = new Map<string, Uploaded>();
  const stop = new AbortController();
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await world.clock.sleep(uploadEveryMs, stop.signal).catch(() => {});
      await uploadOutputs(world, record, instances, 'Continuous', uploaded);
    }
  })();
  // The last round tells of it.
  loop.catch(() => stop.abort());
  return async () => {
    stop.abort();
    await loop;
  };
}
