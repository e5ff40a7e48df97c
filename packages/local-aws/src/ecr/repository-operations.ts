import type * as Ecr from '@aws-sdk/client-ecr';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { deleteImage, imagesOf } from './image-store.ts';
import { forgetBlobs } from './blobs.ts';
import { pageOf } from './pages.ts';
import {
  describeRepository,
  repositoryArn,
  repositoryTable,
  requireRepository,
  requireRepositoryName,
} from './repositories.ts';
import type { RepositoryRecord } from './repositories.ts';

/** Repositories: create, describe, delete; their tags, policies and mutability. */
export function repositoryOperations(world: World): Record<string, Operation> {
  const table = repositoryTable(world);
  const change = (name: string | undefined, changes: Partial<RepositoryRecord>): RepositoryRecord => {
    const changed = { ...requireRepository(world, name), ...changes };
    table.put(changed.name, changed);
    return changed;
  };

  function createRepository(input: Ecr.CreateRepositoryRequest): Ecr.CreateRepositoryResponse {
    const name = requireRepositoryName(input.repositoryName);
    if (table.get(name)) {
      throw new AwsError(
        'RepositoryAlreadyExistsException',
        `The repository with name '${name}' already exists in the registry with id '${world.account}'`,
      );
    }
    const encryption = input.encryptionConfiguration;
    const record: RepositoryRecord = {
      name,
      createdAt: world.clock.now(),
      mutability: input.imageTagMutability ?? 'MUTABLE',
      exclusions: input.imageTagMutabilityExclusionFilters ?? [],
      scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
      encryption: {
        encryptionType: encryption?.encryptionType ?? 'AES256',
        ...(encryption?.kmsKey && { kmsKey: encryption.kmsKey }),
      },
      tags: tagMap(input.tags),
    };
    requireExclusionsFit(record);
    table.put(name, record);
    return { repository: describeRepository(world, record) };
  }

  function describeRepositories(input: Ecr.DescribeRepositoriesRequest): Ecr.DescribeRepositoriesResponse {
    const records = input.repositoryNames?.length
      ? input.repositoryNames.map((name) => requireRepository(world, name))
      : table.values().sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = pageOf(records, input);
    return { ...page, repositories: page.items.map((record) => describeRepository(world, record)) };
  }

  function deleteRepository(input: Ecr.DeleteRepositoryRequest): Ecr.DeleteRepositoryResponse {
    const record = requireRepository(world, input.repositoryName);
    const images = imagesOf(world, record.name);
    if (images.length > 0 && !input.force) {
      throw new AwsError(
        'RepositoryNotEmptyException',
        `The repository with name '${record.name}' in registry with id '${world.account}' cannot be deleted because it still contains images`,
      );
    }
    for (const image of images) deleteImage(world, record.name, image.digest);
    forgetBlobs(world, record.name);
    table.delete(record.name);
    return { repository: describeRepository(world, record) };
  }

  function putImageTagMutability(input: Ecr.PutImageTagMutabilityRequest): Ecr.PutImageTagMutabilityResponse {
    const proposed = {
      ...requireRepository(world, input.repositoryName),
      mutability: input.imageTagMutability ?? 'MUTABLE',
      exclusions: input.imageTagMutabilityExclusionFilters ?? [],
    };
    requireExclusionsFit(proposed);
    const record = change(proposed.name, proposed);
    return {
      registryId: world.account,
      repositoryName: record.name,
      imageTagMutability: record.mutability,
      imageTagMutabilityExclusionFilters: record.exclusions,
    };
  }

  function putLifecyclePolicy(input: Ecr.PutLifecyclePolicyRequest): Ecr.PutLifecyclePolicyResponse {
    const text = requireJson('lifecyclePolicyText', input.lifecyclePolicyText);
    const { name } = change(input.repositoryName, { lifecyclePolicy: text });
    return { registryId: world.account, repositoryName: name, lifecyclePolicyText: text };
  }

  function getLifecyclePolicy(input: Ecr.GetLifecyclePolicyRequest): Ecr.GetLifecyclePolicyResponse {
    const { name, lifecyclePolicy } = requireRepository(world, input.repositoryName);
    if (lifecyclePolicy === undefined) {
      throw new AwsError(
        'LifecyclePolicyNotFoundException',
        `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${world.account}'`,
      );
    }
    return { registryId: world.account, repositoryName: name, lifecyclePolicyText: lifecyclePolicy };
  }

  function setRepositoryPolicy(input: Ecr.SetRepositoryPolicyRequest): Ecr.SetRepositoryPolicyResponse {
    const text = requireJson('policyText', input.policyText);
    const { name } = change(input.repositoryName, { policy: text });
    return { registryId: world.account, repositoryName: name, policyText: text };
  }

  function getRepositoryPolicy(input: Ecr.GetRepositoryPolicyRequest): Ecr.GetRepositoryPolicyResponse {
    const { name, policy } = requireRepository(world, input.repositoryName);
    if (policy === undefined) {
      throw new AwsError(
        'RepositoryPolicyNotFoundException',
        `Repository policy does not exist for the repository with name '${name}' in the registry with id '${world.account}'`,
      );
    }
    return { registryId: world.account, repositoryName: name, policyText: policy };
  }

  const byArn = (arn: string | undefined): RepositoryRecord => {
    const prefix = repositoryArn(world, '');
    if (arn?.startsWith(prefix)) return requireRepository(world, arn.slice(prefix.length));
    throw new AwsError('InvalidParameterException', `Invalid parameter at 'resourceArn': '${arn}'`);
  };

  return {
    CreateRepository: createRepository,
    DescribeRepositories: describeRepositories,
    DeleteRepository: deleteRepository,
    PutImageTagMutability: putImageTagMutability,
    PutLifecyclePolicy: putLifecyclePolicy,
    GetLifecyclePolicy: getLifecyclePolicy,
    SetRepositoryPolicy: setRepositoryPolicy,
    GetRepositoryPolicy: getRepositoryPolicy,
    TagResource(input: Ecr.TagResourceRequest): Ecr.TagResourceResponse {
      const record = byArn(input.resourceArn);
      change(record.name, { tags: { ...record.tags, ...tagMap(input.tags) } });
      return {};
    },
    UntagResource(input: Ecr.UntagResourceRequest): Ecr.UntagResourceResponse {
      const record = byArn(input.resourceArn);
      const kept = Object.entries(record.tags).filter(([key]) => !input.tagKeys?.includes(key));
      change(record.name, { tags: Object.fromEntries(kept) });
      return {};
    },
    ListTagsForResource(input: Ecr.ListTagsForResourceRequest): Ecr.ListTagsForResourceResponse {
      const { tags } = byArn(input.resourceArn);
      return { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

function tagMap(tags: Ecr.Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

function requireExclusionsFit({ mutability, exclusions }: RepositoryRecord): void {
  const wanted = mutability.endsWith('_WITH_EXCLUSION');
  if (exclusions.length > 5 || wanted !== exclusions.length > 0) {
    throw new AwsError(
      'InvalidParameterException',
      `Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint: '1 to 5 filters with IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION, none otherwise'`,
    );
  }
}

function requireJson(name: string, text: string | undefined): string {
  try {
    JSON.parse(text ?? '');
    return text ?? '';
  } catch {
    throw new AwsError('InvalidParameterException', `Invalid parameter at '${name}': not JSON`);
  }
}
