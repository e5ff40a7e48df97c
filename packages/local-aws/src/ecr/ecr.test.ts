import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetLifecyclePolicyCommand,
  ImageTagAlreadyExistsException,
  InitiateLayerUploadCommand,
  LayersNotFoundException,
  ListImagesCommand,
  ListTagsForResourceCommand,
  PutImageCommand,
  PutLifecyclePolicyCommand,
  RepositoryNotEmptyException,
  RepositoryNotFoundException,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { expect, test } from '@jest/globals';
import { sha256 } from './blobs.ts';
import { manifestOf, name, putImage, start, withRepository } from './testing/client.ts';

test('a repository is made, described, tagged and deleted', async () => {
  await using server = await withRepository();
  const { ecr } = server;
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({}));
  const repositoryArn = 'arn:aws:ecr:us-east-1:123456789012:repository/models/flight';
  expect(repositories).toEqual([
    {
      repositoryArn,
      registryId: '123456789012',
      repositoryName: 'models/flight',
      repositoryUri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/models/flight',
      createdAt: start,
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: 'AES256' },
    },
  ]);
  const { tags } = await ecr.send(new ListTagsForResourceCommand({ resourceArn: repositoryArn }));
  expect(tags).toEqual([{ Key: 'team', Value: 'flights' }]);
  const lifecyclePolicyText = '{"rules":[]}';
  await ecr.send(new PutLifecyclePolicyCommand({ ...name, lifecyclePolicyText }));
  expect(await ecr.send(new GetLifecyclePolicyCommand(name))).toMatchObject({ lifecyclePolicyText });
  await ecr.send(new DeleteRepositoryCommand(name));
  await expect(
    ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name.repositoryName] })),
  ).rejects.toThrow(
    new RepositoryNotFoundException({
      message:
        "The repository with name 'models/flight' does not exist in the registry with id '123456789012'",
      $metadata: {},
    }),
  );
});

test('an image that is put through the API is pulled through the registry, byte by byte', async () => {
  await using server = await withRepository();
  const { ecr } = server;
  const { digest, manifest } = await putImage(server, 'v1');
  const pulled = await server.registry('/v2/models/flight/manifests/v1');
  expect(pulled.headers.get('docker-content-digest')).toBe(digest);
  expect(await pulled.text()).toBe(manifest);
  const { imageDetails } = await ecr.send(new DescribeImagesCommand(name));
  expect(imageDetails).toEqual([
    {
      registryId: '123456789012',
      repositoryName: 'models/flight',
      imageDigest: digest,
      imageTags: ['v1'],
      imageSizeInBytes: 7,
      imagePushedAt: start,
      imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactMediaType: 'application/vnd.oci.image.config.v1+json',
      imageStatus: 'ACTIVE',
    },
  ]);
  const { images, failures } = await ecr.send(
    new BatchGetImageCommand({ ...name, imageIds: [{ imageTag: 'v1' }, { imageTag: 'v2' }] }),
  );
  expect(images?.map(({ imageManifest }) => imageManifest)).toEqual([manifest]);
  expect(failures).toEqual([
    { imageId: { imageTag: 'v2' }, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
  ]);
});

test('an immutable tag stays what it was, in either API', async () => {
  await using server = await withRepository();
  await putImage(server, 'v1');
  await expect(putImage(server, 'v1', 'other')).rejects.toThrow(ImageTagAlreadyExistsException);
  const { manifest } = await putImage(server, 'v2', 'other');
  const same = await server.registry('/v2/models/flight/manifests/v2', { method: 'PUT', body: manifest });
  expect(same.status).toBe(400);
  const refused = await server.registry('/v2/models/flight/manifests/v1', { method: 'PUT', body: manifest });
  expect([refused.status, await refused.json()]).toEqual([
    400,
    {
      errors: [
        {
          code: 'TAG_INVALID',
          message:
            "The image tag 'v1' already exists in the 'models/flight' repository and cannot be overwritten because the tag is immutable.",
        },
      ],
    },
  ]);
});

test('an image without its layers is refused, and a repository with images is kept', async () => {
  await using server = await withRepository();
  const { ecr } = server;
  const digest = sha256(Buffer.from('never sent'));
  const imageManifest = manifestOf(digest, digest);
  await expect(ecr.send(new PutImageCommand({ ...name, imageManifest }))).rejects.toThrow(
    LayersNotFoundException,
  );
  await putImage(server, 'v1');
  await expect(ecr.send(new DeleteRepositoryCommand(name))).rejects.toThrow(RepositoryNotEmptyException);
  await ecr.send(new BatchDeleteImageCommand({ ...name, imageIds: [{ imageTag: 'v1' }] }));
  expect((await ecr.send(new ListImagesCommand(name))).imageIds).toEqual([]);
});

test('a layer in parts of the API is checked as AWS checks it', async () => {
  await using server = await withRepository();
  const { ecr } = server;
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand(name));
  const bytes = Buffer.from('part');
  const part = { ...name, uploadId, partFirstByte: 0, partLastByte: 3, layerPartBlob: bytes };
  expect((await ecr.send(new UploadLayerPartCommand(part))).lastByteReceived).toBe(3);
  await expect(ecr.send(new UploadLayerPartCommand(part))).rejects.toMatchObject({
    name: 'InvalidLayerPartException',
    lastValidByteReceived: 3,
  });
  const layerDigests = [sha256(bytes)];
  await ecr.send(new CompleteLayerUploadCommand({ ...name, uploadId, layerDigests }));
  expect((await ecr.send(new BatchCheckLayerAvailabilityCommand({ ...name, layerDigests }))).layers).toEqual([
    { layerDigest: sha256(bytes), layerAvailability: 'AVAILABLE', layerSize: 4 },
  ]);
});
