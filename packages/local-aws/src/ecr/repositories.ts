import type { ImageTagMutability, ImageTagMutabilityExclusionFilter, Repository } from '@aws-sdk/client-ecr';
import { AwsError } from '../kernel/errors.ts';
import type { Instant, Table, World } from '../kernel/world.ts';

/** A repository as it is kept. */
export type RepositoryRecord = {
  name: string;
  createdAt: Instant;
  mutability: ImageTagMutability;
  exclusions: ImageTagMutabilityExclusionFilter[];
  scanOnPush: boolean;
  encryption: { encryptionType: 'AES256' | 'KMS' | 'KMS_DSSE'; kmsKey?: string };
  tags: Record<string, string>;
  lifecyclePolicy?: string;
  policy?: string;
};

// AWS's own pattern of repositoryName.
const namePattern = /^(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*\/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;

export function repositoryTable(world: World): Table<RepositoryRecord> {
  return world.store.table<RepositoryRecord>('ecr-repositories');
}

/** @throws RepositoryNotFoundException, in AWS's words. */
export function requireRepository(world: World, name: string | undefined): RepositoryRecord {
  const found = repositoryTable(world).get(name ?? '');
  if (found) return found;
  throw new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${world.account}'`,
  );
}

/** @throws InvalidParameterException, in AWS's words. */
export function requireRepositoryName(name: string | undefined): string {
  if (name && name.length >= 2 && name.length <= 256 && namePattern.test(name)) return name;
  throw new AwsError(
    'InvalidParameterException',
    `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '${namePattern.source}''`,
  );
}

export function repositoryArn(world: World, name: string): string {
  return `arn:aws:ecr:${world.region}:${world.account}:repository/${name}`;
}

export function repositoryUri(world: World, name: string): string {
  return `${world.account}.dkr.ecr.${world.region}.amazonaws.com/${name}`;
}

/** Whether a tag, once given, stays: the repository's setting, less the tags its filters exclude from it. */
export function tagIsImmutable(repository: RepositoryRecord, tag: string): boolean {
  const excluded = repository.exclusions.some(({ filter }) => wildcard(filter ?? '').test(tag));
  switch (repository.mutability) {
    case 'IMMUTABLE':
      return true;
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !excluded;
    case 'MUTABLE_WITH_EXCLUSION':
      return excluded;
    default:
      return false;
  }
}

export function describeRepository(world: World, record: RepositoryRecord): Repository {
  return {
    repositoryArn: repositoryArn(world, record.name),
    registryId: world.account,
    repositoryName: record.name,
    repositoryUri: repositoryUri(world, record.name),
    createdAt: new Date(record.createdAt),
    imageTagMutability: record.mutability,
    ...(record.exclusions.length > 0 && { imageTagMutabilityExclusionFilters: record.exclusions }),
    imageScanningConfiguration: { scanOnPush: record.scanOnPush },
    encryptionConfiguration: record.encryption,
  };
}

function wildcard(filter: string): RegExp {
  const literal = filter.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`);
}
