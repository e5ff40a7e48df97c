import { accountSetting } from '../account.ts';
import { findBlob, linkBlob } from '../blobs.ts';
import {
  appendUpload,
  cancelUpload,
  exclusively,
  finishUpload,
  isDigest,
  startUpload,
  uploadedBytes,
} from '../uploads.ts';
import { RegistryError } from './errors.ts';
import type { RegistryCall } from './registry-call.ts';

/** An upload session: begun with POST, filled with PATCH, ended with PUT; or all of it in one request. */
export async function answerUpload(call: RegistryCall): Promise<void> {
  if (call.name === '') {
    if (call.method !== 'POST') throw new RegistryError(405, 'UNSUPPORTED', 'uploads begin with POST');
    return begin(call);
  }
  return exclusively(call.world, call.name, () => proceed(call));
}

async function proceed(call: RegistryCall): Promise<void> {
  const received = await uploadedBytes(call.world, call.repository, call.name);
  if (received === undefined)
    throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  switch (call.method) {
    case 'GET':
      return answerProgress(call, call.name, received, 204);
    case 'PATCH':
      return answerProgress(call, call.name, await receive(call, received), 202);
    case 'PUT':
      await receive(call, received);
      return finish(call, call.name);
    case 'DELETE':
      await cancelUpload(call.world, call.repository, call.name);
      call.response.writeHead(204).end();
      return;
    default:
      throw new RegistryError(405, 'UNSUPPORTED', `${call.method} of an upload is not supported`);
  }
}

async function begin(call: RegistryCall): Promise<void> {
  const { world, repository, query, request, response } = call;
  const mount = query.get('mount');
  if (isDigest(mount)) {
    const source = findBlob(world, query.get('from') ?? repository, mount);
    // Without the account's setting ECR answers as if mounts did not exist: with an upload session.
    if (
      source &&
      (source.repository === repository || accountSetting(world, 'BLOB_MOUNTING') === 'ENABLED')
    ) {
      linkBlob(world, { ...source, repository });
      answerCreated(call, mount);
      return;
    }
  }
  const id = await startUpload(world, repository);
  if (query.has('digest')) {
    await appendUpload(world, repository, id, request);
    return finish(call, id);
  }
  request.resume();
  response.setHeader('oci-chunk-min-length', 0);
  return answerProgress(call, id, 0, 202);
}

/** Takes the body in; a part must go on exactly where the last one ended. */
async function receive(
  { world, repository, name, request }: RegistryCall,
  received: number,
): Promise<number> {
  const range = /^(?:bytes )?(\d+)-(\d+)/.exec(request.headers['content-range'] ?? '');
  if (range && Number(range[1]) !== received) {
    throw new RegistryError(
      416,
      'RANGE_INVALID',
      `part begins at byte ${range[1]}, next is byte ${received}`,
    );
  }
  return appendUpload(world, repository, name, request);
}

async function finish(call: RegistryCall, id: string): Promise<void> {
  const { world, repository, query } = call;
  const digest = query.get('digest');
  if (!isDigest(digest)) throw new RegistryError(400, 'DIGEST_INVALID', `"${digest}" is not a sha256 digest`);
  const result = await finishUpload(world, repository, id, digest);
  if ('found' in result) {
    await cancelUpload(world, repository, id);
    throw new RegistryError(
      400,
      'DIGEST_INVALID',
      `provided digest ${digest} did not match uploaded content ${result.found}`,
    );
  }
  answerCreated(call, digest);
}

function answerProgress(call: RegistryCall, id: string, received: number, status: number): void {
  call.response
    .writeHead(status, {
      location: `/v2/${call.repository}/blobs/uploads/${id}`,
      range: `0-${Math.max(received - 1, 0)}`,
      'docker-upload-uuid': id,
      ...(status !== 204 && { 'content-length': 0 }),
    })
    .end();
}

function answerCreated({ repository, response }: RegistryCall, digest: string): void {
  response
    .writeHead(201, {
      location: `/v2/${repository}/blobs/${digest}`,
      'docker-content-digest': digest,
      'content-length': 0,
    })
    .end();
}
