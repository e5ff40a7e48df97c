import type { CreateModelPackageInput, ModelApprovalStatus } from '@aws-sdk/client-sagemaker';
import { AwsError } from '../../kernel/errors.ts';
import type { Instant, World } from '../../kernel/world.ts';

export type ModelPackageGroupRecord = {
  name: string;
  arn: string;
  description?: string;
  createdAt: Instant;
  /** The highest version ever given: the next one is higher, also after a deletion. */
  lastVersion: number;
};

export type ModelPackageRecord = {
  arn: string;
  /** Of an unversioned package its name, of a versioned one its group's. */
  name: string;
  /** Of a versioned package. */
  version?: number;
  settings: Omit<CreateModelPackageInput, 'Tags' | 'ModelApprovalStatus'>;
  /** Of a versioned package. */
  approval?: ModelApprovalStatus;
  approvalDescription?: string;
  createdAt: Instant;
  modifiedAt?: Instant;
};

/** By name. */
export const modelPackageGroups = (world: World) =>
  world.store.table<ModelPackageGroupRecord>('sagemaker.model-package-groups');

/** By ARN. */
export const modelPackages = (world: World) =>
  world.store.table<ModelPackageRecord>('sagemaker.model-packages');

export const packageArn = (world: World, path: string) =>
  `arn:aws:sagemaker:${world.region}:${world.account}:model-package/${path.toLowerCase()}`;

export const groupArn = (world: World, name: string) =>
  `arn:aws:sagemaker:${world.region}:${world.account}:model-package-group/${name.toLowerCase()}`;

/** A package by its ARN, or an unversioned one by its name. */
export function modelPackage(world: World, arnOrName: string): ModelPackageRecord | undefined {
  return modelPackages(world).get(arnOrName.startsWith('arn:') ? arnOrName : packageArn(world, arnOrName));
}

/** @throws AwsError ValidationException */
export function foundPackage(world: World, arnOrName: string): ModelPackageRecord {
  const found = modelPackage(world, arnOrName);
  if (found !== undefined) return found;
  const arn = arnOrName.startsWith('arn:') ? arnOrName : packageArn(world, arnOrName);
  throw new AwsError('ValidationException', `ModelPackage ${arn} does not exist.`);
}

/** A group by its name or ARN. @throws AwsError ValidationException */
export function foundGroup(world: World, nameOrArn: string): ModelPackageGroupRecord {
  const groups = modelPackageGroups(world);
  const found = nameOrArn.startsWith('arn:')
    ? groups.values().find(({ arn }) => arn === nameOrArn)
    : groups.get(nameOrArn);
  if (found !== undefined) return found;
  const arn = nameOrArn.startsWith('arn:') ? nameOrArn : groupArn(world, nameOrArn);
  throw new AwsError('ValidationException', `ModelPackageGroup ${arn} does not exist.`);
}

/** The versions of a group, oldest first. */
export function versionsOf(world: World, group: ModelPackageGroupRecord): ModelPackageRecord[] {
  return modelPackages(world)
    .values()
    .filter((record) => record.version !== undefined && record.name === group.name);
}
