import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import { given } from './answers.ts';
import type { Aws } from './connect.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';

export type RegistryAccess = {
  /** Where the registry's v2 API answers, without a slash at the end. */
  registryUrl: string;
  /** The Authorization header: `Basic …`, good for twelve hours. */
  authorization: string;
  expiresAt: number;
};

export type ImageDetail = { digest: string; tags: string[]; sizeBytes: number; pushedAt: number };

const ECR_HOST = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** The account and region an ECR image host names; undefined for any other registry's host. */
export function parseEcrHost(host: string): { account: string; region: string } | undefined {
  const [, account, region] = ECR_HOST.exec(host) ?? [];
  return account && region ? { account, region } : undefined;
}

/** ECR: the account's own container registries. */
export function registries(aws: Aws) {
  const client = (region?: string) => aws.client(ECRClient, region);
  return {
    /** Access to the registry an image host belongs to, or to the account's own. */
    async access(host?: string): Promise<RegistryAccess> {
      const ecr = host === undefined ? undefined : parseEcrHost(host);
      const answer = await client(ecr?.region).send(
        new GetAuthorizationTokenCommand(ecr ? { registryIds: [ecr.account] } : {}),
      );
      const data = given(answer.authorizationData?.[0], 'authorizationData');
      return {
        registryUrl: given(data.proxyEndpoint, 'proxyEndpoint').replace(/\/+$/, ''),
        authorization: `Basic ${given(data.authorizationToken, 'authorizationToken')}`,
        expiresAt: given(data.expiresAt, 'expiresAt').getTime(),
      };
    },

    async repositoryExists(repository: string): Promise<boolean> {
      try {
        await client().send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }));
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },

    /** Tags are immutable in it: what was pushed under a name stays what it was. */
    async createRepository(
      repository: string,
      tags: Record<string, string>,
    ): Promise<'created' | 'already-there'> {
      try {
        await client().send(
          new CreateRepositoryCommand({
            repositoryName: repository,
            imageTagMutability: 'IMMUTABLE',
            tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        );
        return 'created';
      } catch (error) {
        if (isAlreadyThere(error)) return 'already-there';
        throw error;
      }
    },

    async describeImage(
      repository: string,
      image: { digest: string } | { tag: string },
      owner?: { account: string; region: string },
    ): Promise<ImageDetail | undefined> {
      const imageId = 'digest' in image ? { imageDigest: image.digest } : { imageTag: image.tag };
      try {
        const answer = await client(owner?.region).send(
          new DescribeImagesCommand({
            repositoryName: repository,
            imageIds: [imageId],
            ...(owner ? { registryId: owner.account } : {}),
          }),
        );
        const detail = given(answer.imageDetails?.[0], 'imageDetails');
        return {
          digest: given(detail.imageDigest, 'imageDigest'),
          tags: detail.imageTags ?? [],
          sizeBytes: detail.imageSizeInBytes ?? 0,
          pushedAt: detail.imagePushedAt?.getTime() ?? 0,
        };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}
