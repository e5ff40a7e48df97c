import type * as Ecr from '@aws-sdk/client-ecr';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { digestPattern, readBlob } from './blobs.ts';
import { deleteImage, deleteTag, findImage, imagesOf, putImage, tagsOf } from './image-store.ts';
import type { ImageRecord, Refusal } from './image-store.ts';
import { pageOf } from './pages.ts';
import { requireRepository } from './repositories.ts';

/** Images through ECR's own API: list, describe, get, put, delete. */
export function imageOperations(world: World): Record<string, Operation> {
  const tagsNaming = (image: ImageRecord): string[] =>
    tagsOf(world, image.repository)
      .filter(({ digest }) => digest === image.digest)
      .map(({ tag }) => tag);

  /** The image that an identifier names; a string is ECR's failure code. */
  function identify(repository: string, id: Ecr.ImageIdentifier): ImageRecord | Ecr.ImageFailureCode {
    if (!id.imageDigest && !id.imageTag) return 'MissingDigestAndTag';
    if (id.imageDigest && !digestPattern.test(id.imageDigest)) return 'InvalidImageDigest';
    const image = findImage(world, repository, id.imageTag ?? id.imageDigest ?? '');
    if (!image) return 'ImageNotFound';
    return id.imageDigest && id.imageDigest !== image.digest ? 'ImageTagDoesNotMatchDigest' : image;
  }

  function describeImages(input: Ecr.DescribeImagesRequest): Ecr.DescribeImagesResponse {
    const { name } = requireRepository(world, input.repositoryName);
    const images = input.imageIds
      ? input.imageIds.map((id) => requireImage(world, name, id, identify(name, id)))
      : imagesOf(world, name);
    const described = images
      .map((image): Ecr.ImageDetail => {
        const imageTags = tagsNaming(image);
        return {
          registryId: world.account,
          repositoryName: name,
          imageDigest: image.digest,
          ...(imageTags.length > 0 && { imageTags }),
          imageSizeInBytes: image.sizeBytes,
          imagePushedAt: new Date(image.pushedAt),
          imageManifestMediaType: image.mediaType,
          ...(image.artifactType && { artifactMediaType: image.artifactType }),
          ...(image.subject && { subjectManifestDigest: image.subject }),
          imageStatus: 'ACTIVE',
        };
      })
      .filter(({ imageTags }) => matchesTagStatus(input.filter?.tagStatus, imageTags));
    const page = pageOf(described, input);
    return { ...page, imageDetails: page.items };
  }

  function listImages(input: Ecr.ListImagesRequest): Ecr.ListImagesResponse {
    const { name } = requireRepository(world, input.repositoryName);
    const ids = imagesOf(world, name).flatMap((image): Ecr.ImageIdentifier[] => {
      const tags = tagsNaming(image);
      if (!matchesTagStatus(input.filter?.tagStatus, tags)) return [];
      if (tags.length === 0) return [{ imageDigest: image.digest }];
      return tags.map((imageTag) => ({ imageDigest: image.digest, imageTag }));
    });
    const page = pageOf(ids, input);
    return { ...page, imageIds: page.items };
  }

  async function batchGetImage(input: Ecr.BatchGetImageRequest): Promise<Ecr.BatchGetImageResponse> {
    const { name } = requireRepository(world, input.repositoryName);
    const images: Ecr.Image[] = [];
    const failures: Ecr.ImageFailure[] = [];
    for (const imageId of input.imageIds ?? []) {
      const found = identify(name, imageId);
      if (typeof found === 'string') failures.push(failureOf(imageId, found));
      else {
        images.push({
          registryId: world.account,
          repositoryName: name,
          imageId: { ...imageId, imageDigest: found.digest },
          imageManifest: (await readBlob(world, found.digest)).toString(),
          imageManifestMediaType: found.mediaType,
        });
      }
    }
    return { images, failures };
  }

  async function putImageOperation(input: Ecr.PutImageRequest): Promise<Ecr.PutImageResponse> {
    const { name } = requireRepository(world, input.repositoryName);
    const result = await putImage(world, name, Buffer.from(input.imageManifest ?? ''), {
      tag: input.imageTag,
      digest: input.imageDigest,
      mediaType: input.imageManifestMediaType,
    });
    if ('refused' in result) throw refusalError(name, result.refused);
    const { image, isNew } = result;
    if (!isNew) {
      throw new AwsError(
        'ImageAlreadyExistsException',
        `Image with digest '${image.digest}' and tag '${input.imageTag ?? ''}' already exists in the repository with name '${name}' in registry with id '${world.account}'`,
      );
    }
    return {
      image: {
        registryId: world.account,
        repositoryName: name,
        imageId: { imageDigest: image.digest, ...(input.imageTag && { imageTag: input.imageTag }) },
        imageManifest: input.imageManifest,
        imageManifestMediaType: image.mediaType,
      },
    };
  }

  function batchDeleteImage(input: Ecr.BatchDeleteImageRequest): Ecr.BatchDeleteImageResponse {
    const { name } = requireRepository(world, input.repositoryName);
    const imageIds: Ecr.ImageIdentifier[] = [];
    const failures: Ecr.ImageFailure[] = [];
    for (const id of input.imageIds ?? []) {
      const found = identify(name, id);
      if (typeof found === 'string') {
        failures.push(failureOf(id, found));
        continue;
      }
      imageIds.push({ ...id, imageDigest: found.digest });
      if (id.imageTag) deleteTag(world, name, id.imageTag);
      // The last tag takes the image with it, as does naming it by digest.
      if (!id.imageTag || tagsNaming(found).length === 0) deleteImage(world, name, found.digest);
    }
    return { imageIds, failures };
  }

  return {
    DescribeImages: describeImages,
    ListImages: listImages,
    BatchGetImage: batchGetImage,
    PutImage: putImageOperation,
    BatchDeleteImage: batchDeleteImage,
  };
}

function matchesTagStatus(status: Ecr.TagStatus | undefined, tags: string[] | undefined): boolean {
  if (status === undefined || status === 'ANY') return true;
  return (status === 'TAGGED') === Boolean(tags?.length);
}

function requireImage(
  world: World,
  repository: string,
  id: Ecr.ImageIdentifier,
  found: ImageRecord | Ecr.ImageFailureCode,
): ImageRecord {
  if (typeof found !== 'string') return found;
  throw new AwsError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'} does not exist within the repository with name '${repository}' in the registry with id '${world.account}'`,
  );
}

function failureOf(imageId: Ecr.ImageIdentifier, failureCode: Ecr.ImageFailureCode): Ecr.ImageFailure {
  const reasons: Partial<Record<Ecr.ImageFailureCode, string>> = {
    ImageNotFound: 'Requested image not found',
    InvalidImageDigest:
      "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    ImageTagDoesNotMatchDigest: 'Image tag does not match digest',
    MissingDigestAndTag: 'Missing digest and tag',
  };
  return { imageId, failureCode, failureReason: reasons[failureCode] ?? failureCode };
}

function refusalError(repository: string, refused: Refusal): AwsError {
  switch (refused.reason) {
    case 'invalid':
      return new AwsError(
        'InvalidParameterException',
        `Invalid parameter at 'imageManifest': ${refused.detail}`,
      );
    case 'missing-blob':
      return new AwsError(
        'LayersNotFoundException',
        `Layers with digests '[${refused.digest}]' not found in the repository with name '${repository}'`,
      );
    case 'missing-image':
      return new AwsError(
        'ReferencedImagesNotFoundException',
        `Images with digests '[${refused.digest}]' required for pushing image into repository with name '${repository}' do not exist`,
      );
    case 'immutable':
      return new AwsError(
        'ImageTagAlreadyExistsException',
        `The image tag '${refused.tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`,
      );
    case 'digest':
      return new AwsError(
        'ImageDigestDoesNotMatchException',
        `The provided digest '${refused.expected}' does not match the digest of the image manifest '${refused.found}'`,
      );
  }
}
