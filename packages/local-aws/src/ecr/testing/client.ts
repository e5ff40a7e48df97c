import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import {
  CreateRepositoryCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../../index.ts';
import { sha256 } from '../blobs.ts';

export const start = new Date('2026-11-23T10:00:00Z');
export const name = { repositoryName: 'models/flight' };

/** Both ways into one registry. */
export class Client {
  readonly ecr: ECRClient;
  readonly #endpoint: string;
  #token: string | undefined;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    this.ecr = new ECRClient({ endpoint, region: 'us-east-1', credentials });
  }

  async registry(place: string, init: RequestInit = {}): Promise<Response> {
    if (this.#token === undefined) {
      const { authorizationData } = await this.ecr.send(new GetAuthorizationTokenCommand({}));
      this.#token = authorizationData?.[0]?.authorizationToken ?? '';
    }
    const headers = new Headers(init.headers);
    headers.set('authorization', `Basic ${this.#token}`);
    return fetch(new URL(place, this.#endpoint), { ...init, headers });
  }

  async blob(bytes: Buffer): Promise<string> {
    const digest = sha256(bytes);
    const place = `/v2/models/flight/blobs/uploads/?digest=${digest}`;
    const { status } = await this.registry(place, { method: 'POST', body: new Uint8Array(bytes) });
    if (status !== 201) throw new Error(`the blob was answered ${status}`);
    return digest;
  }
}

export class TestServer extends Client implements AsyncDisposable {
  readonly aws: LocalAws;

  constructor(aws: LocalAws) {
    super(aws.endpoint);
    this.aws = aws;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.ecr.destroy();
    return this.aws.close();
  }
}

export async function withRepository(
  options: LocalAwsOptions = { clock: { manual: true, start } },
): Promise<TestServer> {
  const server = new TestServer(await startLocalAws(options));
  const tags = [{ Key: 'team', Value: 'flights' }];
  await server.ecr.send(new CreateRepositoryCommand({ ...name, imageTagMutability: 'IMMUTABLE', tags }));
  return server;
}

export async function putImage(
  server: TestServer,
  tag: string,
  content = 'layer',
): Promise<{ digest: string; manifest: string }> {
  const config = await server.blob(Buffer.from('{}'));
  const layer = await server.blob(Buffer.from(content));
  const manifest = manifestOf(config, layer);
  await server.ecr.send(new PutImageCommand({ ...name, imageManifest: manifest, imageTag: tag }));
  return { digest: sha256(Buffer.from(manifest)), manifest };
}

export function manifestOf(config: string, layer: string): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: 2 },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer, size: 5 }],
  });
}

export async function startProcess(directory: string) {
  const main = path.join(import.meta.dirname, '..', '..', 'main.ts');
  const child = spawn(process.execPath, [main, '--directory', directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, endpoint: (JSON.parse(line.toString()) as { endpoint: string }).endpoint };
}
