import { mkdir } from 'node:fs/promises';
import { request as send } from 'node:http';
import { join } from 'node:path';
import type { World } from '../../../kernel/world.ts';
import { ContainerError } from '../../../runtime/container-error.ts';
import { startContainer } from '../../../runtime/host.ts';
import type { Container } from '../../../runtime/process.ts';
import { unpack } from '../../../runtime/unpack.ts';
import { objectExists, parseS3Uri, readObjectStream } from '../../../s3/objects.ts';
import { modelDataUri } from '../../hosting/container-checks.ts';
import { freePort, ping } from '../../hosting/ping.ts';
import type { TransformRecord } from './record.ts';

/** A model server that a transform job has to itself. */
export type Server = { container: Container; port: number };

/** How often a server that is starting is asked, in clock milliseconds that pass in as many real ones at most. */
const pingEveryMs = 25;

/**
 * Unpacks the model, starts the server and waits until it answers its health check.
 * @returns undefined when it ends, or `stop` is aborted, before it was healthy
 * @throws ContainerError when the image or the model cannot be had
 */
export async function startServer(
  world: World,
  record: TransformRecord,
  root: string,
  onLine: (line: string) => void,
  stop: AbortSignal,
): Promise<Server | undefined> {
  const { container: model, request } = record;
  const folder = join(root, 'opt', 'ml', 'model');
  await mkdir(folder, { recursive: true });
  const data = modelDataUri(model);
  if (data !== undefined) {
    const { bucket, key } = parseS3Uri(data);
    if (objectExists(world, bucket, key) === undefined) {
      throw new ContainerError(`Could not find model data at ${data}.`);
    }
    await unpack(readObjectStream(world, bucket, key), folder, data);
  }
  const port = await freePort();
  const container = await startContainer(world, {
    image: model.Image ?? '',
    command: 'serve',
    root,
    port,
    onLine,
    environment: {
      SAGEMAKER_BATCH: 'true',
      SAGEMAKER_MAX_PAYLOAD_IN_MB: String(request.MaxPayloadInMB ?? 6),
      SAGEMAKER_BATCH_STRATEGY: request.BatchStrategy === 'SingleRecord' ? 'SINGLE_RECORD' : 'MULTI_RECORD',
      SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: String(request.MaxConcurrentTransforms ?? 1),
      ...model.Environment,
      ...request.Environment,
    },
  });
  const over = new AbortController();
  void container.exited.then(() => over.abort());
  while (!over.signal.aborted && !stop.aborted) {
    if (await ping(port)) return { container, port };
    await new Promise((resolve) => setTimeout(resolve, pingEveryMs));
  }
  await container.stop(0);
  return undefined;
}

export type Answer = { status: number; body: Buffer };

/** One `POST /invocations`. @throws Error where the server does not answer in `timeoutSeconds`, or not at all */
export function invoke(
  port: number,
  body: string | Buffer,
  headers: Record<string, string>,
  timeoutSeconds: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: '/invocations',
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      timeout: timeoutSeconds * 1000,
    };
    const request = send(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutSeconds} s`)));
    request.on('error', reject);
    request.end(body);
  });
}
