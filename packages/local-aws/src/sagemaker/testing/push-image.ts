import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';

/**
 * Pushes an image of one layer to the local registry, as a container client would.
 * @param layer a `tar.gz`
 * @returns the image's URI by tag
 */
export async function pushImage(
  endpoint: string,
  repository: string,
  layer: Buffer,
  config: Record<string, unknown>,
): Promise<string> {
  const ecr = new ECRClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  try {
    // A server that comes back has it already.
    await ecr.send(new CreateRepositoryCommand({ repositoryName: repository })).catch(() => {});
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const headers = { authorization: `Basic ${authorizationData?.[0]?.authorizationToken}` };
    const push = async (path: string, method: string, body: Buffer, type: string) => {
      const answer = await fetch(`${endpoint}/v2/${repository}/${path}`, {
        method,
        headers: { ...headers, 'content-type': type },
        body: new Uint8Array(body),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    };
    const image = Buffer.from(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        config,
        rootfs: { type: 'layers', diff_ids: [digest(gunzipSync(layer))] },
      }),
    );
    for (const blob of [layer, image])
      await push(`blobs/uploads/?digest=${digest(blob)}`, 'POST', blob, 'application/octet-stream');
    const descriptor = (mediaType: string, blob: Buffer) => ({
      mediaType,
      digest: digest(blob),
      size: blob.length,
    });
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor('application/vnd.oci.image.config.v1+json', image),
      layers: [descriptor('application/vnd.oci.image.layer.v1.tar+gzip', layer)],
    };
    await push('manifests/latest', 'PUT', Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
    return `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repository}:latest`;
  } finally {
    ecr.destroy();
  }
}

const digest = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
