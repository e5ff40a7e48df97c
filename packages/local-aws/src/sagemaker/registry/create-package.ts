import type { CreateModelPackageInput, CreateModelPackageOutput } from '@aws-sdk/client-sagemaker';
import { AwsError, notBuilt } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { checkContainer } from '../hosting/container-checks.ts';
import { refuseMembers } from '../jobs/checks.ts';
import { setTags } from '../tags/tags.ts';
import { packageEvent } from './describe.ts';
import {
  foundGroup,
  modelPackageGroups,
  modelPackages,
  packageArn,
  type ModelPackageRecord,
} from './records.ts';

const invalid = (message: string) => new AwsError('ValidationException', message);

/** A new version of a group, numbered one higher than any before, or an unversioned package with a name of its own. */
export async function createModelPackage(
  world: World,
  input: CreateModelPackageInput,
): Promise<CreateModelPackageOutput> {
  const { Tags, ModelApprovalStatus, ...settings } = input;
  const before = sameToken(world, input);
  if (before !== undefined) return { ModelPackageArn: before.arn };
  await check(world, input);
  const place =
    input.ModelPackageGroupName === undefined
      ? unversioned(world, input)
      : nextVersion(world, input.ModelPackageGroupName);
  const record: ModelPackageRecord = {
    ...place,
    settings,
    ...(input.ModelPackageGroupName === undefined
      ? {}
      : { approval: ModelApprovalStatus ?? 'PendingManualApproval' }),
    createdAt: world.clock.now(),
  };
  modelPackages(world).put(record.arn, record);
  setTags(world, record.arn, Tags ?? []);
  world.emit(packageEvent(record));
  return { ModelPackageArn: record.arn };
}

/** The package that the same request made before, by its ClientToken. */
function sameToken(
  world: World,
  { ClientToken, ModelPackageGroupName, ModelPackageName }: CreateModelPackageInput,
) {
  if (ClientToken === undefined) return undefined;
  return modelPackages(world)
    .values()
    .find(
      ({ settings }) =>
        settings.ClientToken === ClientToken &&
        settings.ModelPackageGroupName === ModelPackageGroupName &&
        settings.ModelPackageName === ModelPackageName,
    );
}

async function check(world: World, input: CreateModelPackageInput) {
  refuseMembers('CreateModelPackage', input, [
    'SourceAlgorithmSpecification',
    'ValidationSpecification',
    'SecurityConfig',
    'ManagedStorageType',
  ]);
  if (input.CertifyForMarketplace === true) throw notBuilt('CreateModelPackage: CertifyForMarketplace');
  if ((input.ModelPackageGroupName === undefined) === (input.ModelPackageName === undefined)) {
    throw invalid('Exactly one of ModelPackageName and ModelPackageGroupName must be specified.');
  }
  if (input.ModelPackageName !== undefined && input.ModelApprovalStatus !== undefined) {
    throw invalid('ModelApprovalStatus can only be specified for a versioned model package.');
  }
  const containers = input.InferenceSpecification?.Containers ?? [];
  if (containers.length === 0 && input.SourceUri === undefined)
    throw invalid('An InferenceSpecification with containers is required.');
  if (input.ModelPackageGroupName !== undefined) foundGroup(world, input.ModelPackageGroupName);
  for (const { Image, ModelDataUrl, ModelDataSource, Environment } of containers) {
    await checkContainer(world, { Image, ModelDataUrl, ModelDataSource, Environment });
  }
}

function unversioned(world: World, { ModelPackageName: name = '' }: CreateModelPackageInput) {
  const arn = packageArn(world, name);
  if (modelPackages(world).get(arn) !== undefined) throw invalid(`ModelPackage ${arn} already exists.`);
  return { arn, name };
}

function nextVersion(world: World, nameOrArn: string) {
  const group = foundGroup(world, nameOrArn);
  const version = group.lastVersion + 1;
  // Written first: a crash between the two leaves a gap, never a number given twice.
  modelPackageGroups(world).put(group.name, { ...group, lastVersion: version });
  return { arn: packageArn(world, `${group.name}/${version}`), name: group.name, version };
}
