import type * as Ecr from '@aws-sdk/client-ecr';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { findBlob } from './blobs.ts';
import { requireRepository } from './repositories.ts';
import { appendUpload, finishUpload, isDigest, startUpload, uploadedBytes } from './uploads.ts';

// AWS: every part but the last is at least 5 MiB, and none is over 20 MiB.
const partBytes = 20 * 1024 * 1024;
const leastPartBytes = 5 * 1024 * 1024;

/** Layers through ECR's own API, which clients of the registry protocol do not use. */
export function layerOperations(world: World): Record<string, Operation> {
  async function requireUpload(repository: string, uploadId: string | undefined): Promise<[string, number]> {
    const bytes = await uploadedBytes(world, repository, uploadId ?? '');
    if (bytes !== undefined) return [uploadId ?? '', bytes];
    throw new AwsError(
      'UploadNotFoundException',
      `Upload with id '${uploadId}' not found in the repository with name '${repository}' in the registry with id '${world.account}'`,
    );
  }

  function batchCheckLayerAvailability(
    input: Ecr.BatchCheckLayerAvailabilityRequest,
  ): Ecr.BatchCheckLayerAvailabilityResponse {
    const { name } = requireRepository(world, input.repositoryName);
    const digests = input.layerDigests ?? [];
    return {
      layers: digests.filter(isDigest).map((layerDigest): Ecr.Layer => {
        const blob = findBlob(world, name, layerDigest);
        if (!blob) return { layerDigest, layerAvailability: 'UNAVAILABLE' };
        return { layerDigest, layerAvailability: 'AVAILABLE', layerSize: blob.sizeBytes };
      }),
      failures: digests
        .filter((digest) => !isDigest(digest))
        .map((layerDigest): Ecr.LayerFailure => ({
          layerDigest,
          failureCode: 'InvalidLayerDigest',
          failureReason: 'Invalid layer digest',
        })),
    };
  }

  async function initiateLayerUpload(
    input: Ecr.InitiateLayerUploadRequest,
  ): Promise<Ecr.InitiateLayerUploadResponse> {
    const { name } = requireRepository(world, input.repositoryName);
    return { uploadId: await startUpload(world, name), partSize: partBytes };
  }

  async function uploadLayerPart(input: Ecr.UploadLayerPartRequest): Promise<Ecr.UploadLayerPartResponse> {
    const { name } = requireRepository(world, input.repositoryName);
    const [uploadId, received] = await requireUpload(name, input.uploadId);
    const part = input.layerPartBlob ?? new Uint8Array();
    const { partFirstByte: first = -1, partLastByte: last = -1 } = input;
    if (first !== received || last - first + 1 !== part.length) {
      throw new AwsError(
        'InvalidLayerPartException',
        `Layer part from byte ${first} to ${last} is not valid; next is byte ${received}`,
        400,
        {
          registryId: world.account,
          repositoryName: name,
          uploadId,
          lastValidByteReceived: received - 1,
        },
      );
    }
    if (received > 0 && received < leastPartBytes) {
      throw new AwsError(
        'LayerPartTooSmallException',
        'Layer parts must be at least 5 MiB in size, except the last',
      );
    }
    const total = await appendUpload(world, name, uploadId, [part]);
    return { registryId: world.account, repositoryName: name, uploadId, lastByteReceived: total - 1 };
  }

  async function completeLayerUpload(
    input: Ecr.CompleteLayerUploadRequest,
  ): Promise<Ecr.CompleteLayerUploadResponse> {
    const { name } = requireRepository(world, input.repositoryName);
    const [uploadId, received] = await requireUpload(name, input.uploadId);
    const digest = input.layerDigests?.[0];
    if (received === 0)
      throw new AwsError(
        'EmptyUploadException',
        'The specified layer upload does not contain any layer parts',
      );
    if (!isDigest(digest))
      throw new AwsError('InvalidParameterException', `Invalid parameter at 'layerDigests': '${digest}'`);
    if (findBlob(world, name, digest)) {
      throw new AwsError(
        'LayerAlreadyExistsException',
        `The image layer with digest '${digest}' already exists in the repository with name '${name}'`,
      );
    }
    const result = await finishUpload(world, name, uploadId, digest);
    if ('found' in result) {
      throw new AwsError(
        'InvalidLayerException',
        `The layer digest calculation does not match: '${digest}' was sent, '${result.found}' arrived`,
      );
    }
    return { registryId: world.account, repositoryName: name, uploadId, layerDigest: digest };
  }

  function getDownloadUrlForLayer(
    input: Ecr.GetDownloadUrlForLayerRequest,
  ): Ecr.GetDownloadUrlForLayerResponse {
    const { name } = requireRepository(world, input.repositoryName);
    const layerDigest = input.layerDigest ?? '';
    if (!findBlob(world, name, layerDigest)) {
      throw new AwsError(
        'LayersNotFoundException',
        `Layers with digests '[${layerDigest}]' not found in the repository with name '${name}'`,
      );
    }
    return { downloadUrl: `${world.endpoint}/v2/${name}/blobs/${layerDigest}`, layerDigest };
  }

  return {
    BatchCheckLayerAvailability: batchCheckLayerAvailability,
    InitiateLayerUpload: initiateLayerUpload,
    UploadLayerPart: uploadLayerPart,
    CompleteLayerUpload: completeLayerUpload,
    GetDownloadUrlForLayer: getDownloadUrlForLayer,
  };
}
