import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { faultFor } from '../../../kernel/faults.ts';
import type { World } from '../../../kernel/world.ts';
import { appendLog } from '../../../logs/streams.ts';
import { closing } from '../../../runtime/process.ts';
import { objectFile, parseS3Uri, writeObject } from '../../../s3/objects.ts';
import { clientError, noCapacity } from '../failure.ts';
import { hostNames, jobFolder, removeJobFolder } from '../folders.ts';
import { inputObjects, MissingInput, type InputObject } from '../inputs.ts';
import type { JobControl } from '../running-jobs.ts';
import { invoke, startServer, type Answer, type Server } from './model-server.ts';
import { enter, transformJob, type TransformRecord } from './record.ts';
import { assembled, batches, transformPlan, type Plan } from './records.ts';

const group = '/aws/sagemaker/TransformJobs';
const seeLogs = 'See job logs for more information';

/** Runs a transform job from its beginning to its end. One that a killed server left in the middle begins again. */
export async function runTransform(world: World, name: string, control: JobControl): Promise<void> {
  const record = transformJob(world, name);
  const folder = jobFolder(world, 'transform', name);
  const servers: Server[] = [];
  try {
    if (!control.signal.aborted) {
      const fault = faultFor(world, 'sagemaker', 'CreateTransformJob', 'capacity');
      if (fault !== undefined)
        return enter(world, name, 'Failed', { failureReason: fault.message ?? noCapacity });
      await rm(folder, { recursive: true, force: true });
      const failureReason = await transform(world, record, control, servers, folder);
      closing(world).throwIfAborted();
      if (failureReason !== undefined && !control.signal.aborted)
        return enter(world, name, 'Failed', { failureReason });
      if (!control.signal.aborted) return enter(world, name, 'Completed');
    }
    if (transformJob(world, name).status !== 'Stopping') enter(world, name, 'Stopping');
    enter(world, name, 'Stopped');
  } catch (error) {
    closing(world).throwIfAborted();
    enter(world, name, 'Failed', { failureReason: clientError(error, '') });
  } finally {
    await Promise.all(servers.map(({ container }) => container.stop(30_000)));
    await removeJobFolder(world, 'transform', name);
  }
}

/** The reason of the failure, if there is one; what could be transformed is in S3 all the same. */
async function transform(
  world: World,
  record: TransformRecord,
  control: JobControl,
  servers: Server[],
  folder: string,
): Promise<string | undefined> {
  const { request } = record;
  const source = request.TransformInput?.DataSource?.S3DataSource;
  const objects = await inputObjects(world, source?.S3DataType ?? 'S3Prefix', source?.S3Uri ?? '');
  if (objects.length === 0)
    throw new MissingInput(`No S3 objects found under S3 URL "${source?.S3Uri}" given in input data source.`);
  const epoch = Math.floor(world.clock.now() / 1000);
  const log = (stream: string, message: string) => {
    if (!closing(world).aborted) appendLog(world, group, stream, [{ timestamp: world.clock.now(), message }]);
  };
  const hosts = hostNames(request.TransformResources?.InstanceCount ?? 1);
  for (const host of hosts) {
    const stream = `${record.name}/${host}-${epoch}`;
    const server = await startServer(
      world,
      record,
      join(folder, host),
      (line) => log(stream, line),
      control.signal,
    );
    if (server === undefined) return control.signal.aborted ? undefined : `AlgorithmError: ${seeLogs}`;
    servers.push(server);
  }
  enter(world, record.name, transformJob(world, record.name).status, { startedAt: world.clock.now() });
  const reasons = await Promise.all(
    servers.map((server, index) => {
      const dataLog = (message: string) =>
        log(
          `${record.name}/${hosts[index]}-${epoch}/data-log`,
          `${new Date(world.clock.now()).toISOString().slice(0, -1)}:[sagemaker logs]: ${message}`,
        );
      dataLog(
        `MaxConcurrentTransforms=${request.MaxConcurrentTransforms ?? 1}, MaxPayloadInMB=${request.MaxPayloadInMB ?? 6}, BatchStrategy=${request.BatchStrategy === 'SingleRecord' ? 'SINGLE_RECORD' : 'MULTI_RECORD'}`,
      );
      const share = objects.filter((_, place) => place % servers.length === index);
      return transformObjects(world, record, server, share, dataLog, control.signal);
    }),
  );
  return reasons.flat().find((reason) => reason !== undefined);
}

/** Transforms objects, `MaxConcurrentTransforms` at a time; one that fails does not keep the others from being done. */
async function transformObjects(
  world: World,
  record: TransformRecord,
  server: Server,
  objects: InputObject[],
  log: (message: string) => void,
  stop: AbortSignal,
): Promise<(string | undefined)[]> {
  const plan = transformPlan(record.request);
  const waiting = [...objects];
  const reasons: (string | undefined)[] = [];
  const worker = async () => {
    for (let object = waiting.shift(); object !== undefined && !stop.aborted; object = waiting.shift()) {
      reasons.push(await transformObject(world, record, plan, server, object, log, stop));
    }
  };
  await Promise.all(Array.from({ length: record.request.MaxConcurrentTransforms ?? 1 }, worker));
  return reasons;
}

/** Writes `<output path>/<path>.out`, whole or not at all. */
async function transformObject(
  world: World,
  record: TransformRecord,
  plan: Plan,
  server: Server,
  object: InputObject,
  log: (message: string) => void,
  stop: AbortSignal,
): Promise<string | undefined> {
  const { request } = record;
  const say = (lines: string[]) => lines.forEach((line) => log(`${object.bucket}/${object.key}: ${line}`));
  try {
    const raw = await readFile(objectFile(world, object.bucket, object.key));
    const content = request.TransformInput?.CompressionType === 'Gzip' ? await promisify(gunzip)(raw) : raw;
    const parts: Buffer[] = [];
    for (const batch of batches(plan, content)) {
      if (stop.aborted) return undefined;
      const answer = await invokeWithRetries(request, plan, server, batch.body);
      if (answer.status >= 400 || answer.status < 200) {
        const kind = answer.status < 500 && answer.status >= 400 ? 'ClientError' : 'AlgorithmError';
        say([`${kind}: ${answer.status}`, '', 'Message:', ...answer.body.toString().split('\n')]);
        return `${kind}: ${seeLogs}`;
      }
      parts.push(assembled(plan, batch, answer.body));
    }
    const { bucket, key } = parseS3Uri(request.TransformOutput?.S3OutputPath ?? '');
    const folder = key === '' ? '' : `${key.replace(/\/+$/, '')}/`;
    await writeObject(world, bucket, `${folder}${object.path}.out`, Buffer.concat(parts));
    return undefined;
  } catch (error) {
    const isData = error instanceof RangeError;
    say([
      `${isData ? 'Bad' : 'Unable to get'} ${isData ? 'input' : 'response from algorithm'}: ${(error as Error).message}`,
    ]);
    return isData ? `ClientError: ${seeLogs}` : `AlgorithmError: ${seeLogs}`;
  }
}

/** A request that is not answered, or answered with 5xx, is sent again as often as the job allows. */
async function invokeWithRetries(
  request: TransformRecord['request'],
  plan: Plan,
  { port }: Server,
  body: string | Buffer,
): Promise<Answer> {
  const { InvocationsMaxRetries: retries = 3, InvocationsTimeoutInSeconds: timeout = 600 } =
    request.ModelClientConfig ?? {};
  const headers = { 'content-type': plan.contentType, accept: plan.accept };
  for (let left = retries; ; left--) {
    try {
      const answer = await invoke(port, body, headers, timeout);
      if (answer.status < 500 || left === 0) return answer;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
