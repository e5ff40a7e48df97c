import type {
  CreateModelPackageGroupInput,
  CreateModelPackageGroupOutput,
  CreateModelPackageInput,
  DeleteModelPackageGroupInput,
  DeleteModelPackageInput,
  DescribeModelPackageGroupInput,
  DescribeModelPackageGroupOutput,
  DescribeModelPackageInput,
  DescribeModelPackageOutput,
  ListModelPackageGroupsInput,
  ListModelPackageGroupsOutput,
  ListModelPackagesInput,
  ListModelPackagesOutput,
  UpdateModelPackageInput,
  UpdateModelPackageOutput,
} from '@aws-sdk/client-sagemaker';
import { AwsError } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { refuseMembers } from '../jobs/checks.ts';
import { listPage } from '../paging.ts';
import { deleteTags, setTags } from '../tags/tags.ts';
import { createModelPackage } from './create-package.ts';
import { described, packageEvent, summary } from './describe.ts';
import {
  foundGroup,
  foundPackage,
  groupArn,
  modelPackageGroups,
  modelPackages,
  versionsOf,
  type ModelPackageRecord,
} from './records.ts';

const mostProperties = 50;

export const registryOperations = (world: World) => ({
  CreateModelPackageGroup(input: CreateModelPackageGroupInput): CreateModelPackageGroupOutput {
    refuseMembers('CreateModelPackageGroup', input, ['ManagedConfiguration']);
    const name = input.ModelPackageGroupName as string;
    const arn = groupArn(world, name);
    if (
      modelPackageGroups(world)
        .values()
        .some((group) => group.arn === arn)
    ) {
      throw new AwsError('ValidationException', `Model Package Group already exists: ${arn}`);
    }
    const description = input.ModelPackageGroupDescription;
    modelPackageGroups(world).put(name, {
      name,
      arn,
      createdAt: world.clock.now(),
      lastVersion: 0,
      ...(description === undefined ? {} : { description }),
    });
    setTags(world, arn, input.Tags ?? []);
    return { ModelPackageGroupArn: arn };
  },

  DescribeModelPackageGroup(input: DescribeModelPackageGroupInput): DescribeModelPackageGroupOutput {
    const group = foundGroup(world, input.ModelPackageGroupName as string);
    return { ...groupSummary(group), CreatedBy: {} };
  },

  ListModelPackageGroups(input: ListModelPackageGroupsInput): ListModelPackageGroupsOutput {
    refuseMembers('ListModelPackageGroups', input, ['CrossAccountFilterOption']);
    const { page, ...rest } = listPage(modelPackageGroups(world).values(), (group) => group, input, {
      by: 'CreationTime',
      order: 'Ascending',
    });
    return { ModelPackageGroupSummaryList: page.map(groupSummary), ...rest };
  },

  DeleteModelPackageGroup(input: DeleteModelPackageGroupInput) {
    const group = foundGroup(world, input.ModelPackageGroupName as string);
    if (versionsOf(world, group).length > 0) {
      throw new AwsError(
        'ConflictException',
        `Model Package Group cannot be deleted because it still contains model packages: ${group.arn}`,
      );
    }
    deleteTags(world, group.arn);
    modelPackageGroups(world).delete(group.name);
    return {};
  },

  CreateModelPackage: (input: CreateModelPackageInput) => createModelPackage(world, input),

  DescribeModelPackage(input: DescribeModelPackageInput): DescribeModelPackageOutput {
    return described(foundPackage(world, input.ModelPackageName as string));
  },

  ListModelPackages: (input: ListModelPackagesInput) => listModelPackages(world, input),

  UpdateModelPackage: (input: UpdateModelPackageInput) => updateModelPackage(world, input),

  DeleteModelPackage(input: DeleteModelPackageInput) {
    const { arn } = foundPackage(world, input.ModelPackageName as string);
    deleteTags(world, arn);
    modelPackages(world).delete(arn);
    return {};
  },
});

type Group = ReturnType<typeof foundGroup>;

const groupSummary = ({ name, arn, description, createdAt }: Group) => ({
  ModelPackageGroupName: name,
  ModelPackageGroupArn: arn,
  CreationTime: new Date(createdAt),
  ModelPackageGroupStatus: 'Completed' as const,
  ...(description === undefined ? {} : { ModelPackageGroupDescription: description }),
});

/** Versions of a group where one is named, otherwise unversioned packages unless asked for others. */
function listModelPackages(world: World, input: ListModelPackagesInput): ListModelPackagesOutput {
  const group =
    input.ModelPackageGroupName === undefined ? undefined : foundGroup(world, input.ModelPackageGroupName);
  const type = input.ModelPackageType ?? (group === undefined ? 'Unversioned' : 'Versioned');
  const packages = modelPackages(world)
    .values()
    .filter(({ version }) => type === 'Both' || (version !== undefined) === (type === 'Versioned'))
    .filter((record) => group === undefined || (record.version !== undefined && record.name === group.name))
    .filter(
      ({ approval }) => input.ModelApprovalStatus === undefined || approval === input.ModelApprovalStatus,
    );
  const { page, ...rest } = listPage(packages, (record) => record, input, {
    by: 'CreationTime',
    order: 'Ascending',
  });
  return { ModelPackageSummaryList: page.map(summary), ...rest };
}

function updateModelPackage(world: World, input: UpdateModelPackageInput): UpdateModelPackageOutput {
  refuseMembers('UpdateModelPackage', input, ['AdditionalInferenceSpecificationsToAdd']);
  const before = foundPackage(world, input.ModelPackageArn as string);
  if (input.ModelApprovalStatus !== undefined && before.version === undefined) {
    throw new AwsError(
      'ValidationException',
      'ModelApprovalStatus can only be updated for a versioned model package.',
    );
  }
  const { ModelApprovalStatus: approval, ApprovalDescription: approvalDescription } = input;
  const settings = { ...before.settings };
  for (const member of [
    'InferenceSpecification',
    'SourceUri',
    'ModelCard',
    'ModelLifeCycle',
    'ModelPackageRegistrationType',
  ] as const) {
    if (input[member] !== undefined) Object.assign(settings, { [member]: input[member] });
  }
  const removed = input.CustomerMetadataPropertiesToRemove ?? [];
  const kept = Object.entries(settings.CustomerMetadataProperties ?? {}).filter(
    ([key]) => !removed.includes(key),
  );
  const properties = { ...Object.fromEntries(kept), ...input.CustomerMetadataProperties };
  if (Object.keys(properties).length > mostProperties) {
    throw new AwsError(
      'ValidationException',
      `CustomerMetadataProperties can have at most ${mostProperties} entries.`,
    );
  }
  if (Object.keys(properties).length > 0 || removed.length > 0)
    settings.CustomerMetadataProperties = properties;
  const after: ModelPackageRecord = {
    ...before,
    settings,
    ...(approval === undefined ? {} : { approval }),
    ...(approvalDescription === undefined ? {} : { approvalDescription }),
    modifiedAt: world.clock.now(),
  };
  modelPackages(world).put(after.arn, after);
  world.emit(packageEvent(after));
  return { ModelPackageArn: after.arn };
}
