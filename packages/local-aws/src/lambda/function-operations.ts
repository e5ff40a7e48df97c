import type {
  CreateFunctionRequest,
  DeleteFunctionRequest,
  FunctionConfiguration,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import type { World } from '../kernel/world.ts';
import { codeLocation, storeCode } from './code.ts';
import { configuration, isChanging, isPending } from './configuration.ts';
import { endSandboxes } from './fleet.ts';
import { functionArn, parseName, requireFunction, resolve } from './names.ts';
import { page } from './page.ts';
import { published } from './version-operations.ts';
import { settled } from './settings.ts';
import {
  conflict,
  functions,
  invalidParameter,
  LATEST,
  requireRevision,
  type FunctionRecord,
} from './records.ts';

export const functionOperations = (world: World) => ({
  async CreateFunction(input: CreateFunctionRequest): Promise<FunctionConfiguration> {
    const { name, qualifier } = parseName(world, input.FunctionName);
    if (qualifier !== undefined) throw invalidParameter('A function cannot be created with a qualifier.');
    const requireNew = () => {
      if (functions(world).get(name) !== undefined) throw conflict(`Function already exist: ${name}`);
    };
    requireNew();
    const code = await storeCode(world, input.Code ?? {});
    const latest = settled(world, input, undefined, code);
    // Something was awaited: a second request for the same name may have been faster.
    requireNew();
    const record: FunctionRecord = {
      name,
      arn: functionArn(world, name),
      createdAt: world.clock.now(),
      latest,
      versions: [],
      nextVersion: 1,
      aliases: [],
      tags: input.Tags ?? {},
    };
    functions(world).put(name, record);
    return input.Publish === true ? published(world, record, {}) : configuration(world, record, latest);
  },

  GetFunction(input: GetFunctionRequest): GetFunctionResponse {
    const { record, version, arn } = resolve(world, input.FunctionName, input.Qualifier);
    return {
      Configuration: configuration(world, record, version, arn),
      Code: { RepositoryType: 'S3', Location: codeLocation(world, version) },
      ...(Object.keys(record.tags).length > 0 && { Tags: record.tags }),
    };
  },

  GetFunctionConfiguration(input: GetFunctionConfigurationRequest): FunctionConfiguration {
    const { record, version, arn } = resolve(world, input.FunctionName, input.Qualifier);
    return configuration(world, record, version, arn);
  },

  ListFunctions(input: ListFunctionsRequest): ListFunctionsResponse {
    const { items, ...rest } = page(functions(world).values(), input);
    const all = input.FunctionVersion === 'ALL';
    return {
      Functions: items.flatMap((record) =>
        [record.latest, ...(all ? record.versions : [])].map((version) =>
          configuration(world, record, version),
        ),
      ),
      ...rest,
    };
  },

  async UpdateFunctionCode(input: UpdateFunctionCodeRequest): Promise<FunctionConfiguration> {
    requireUnqualified(world, input.FunctionName);
    const code = await storeCode(world, input);
    const record = changeable(world, input);
    const { Architectures = record.latest.architectures } = input;
    const latest = {
      ...settled(world, { FunctionName: record.name }, record.latest, code),
      architectures: Architectures,
    };
    if (input.DryRun === true) return configuration(world, record, latest);
    return change(world, { ...record, latest }, input.Publish === true);
  },

  UpdateFunctionConfiguration(input: UpdateFunctionConfigurationRequest): FunctionConfiguration {
    requireUnqualified(world, input.FunctionName);
    const record = changeable(world, input);
    const { codeSha256, codeSize } = record.latest;
    const latest = settled(world, { ...input, FunctionName: record.name }, record.latest, {
      codeSha256,
      codeSize,
    });
    return change(world, { ...record, latest }, false);
  },

  async DeleteFunction(input: DeleteFunctionRequest): Promise<object> {
    const record = requireFunction(world, input.FunctionName);
    const version = parseName(world, input.FunctionName ?? '').qualifier ?? input.Qualifier;
    if (version === LATEST)
      throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
    if (version === undefined) functions(world).delete(record.name);
    else deleteVersion(world, record, version);
    await endSandboxes(world, record.name, version);
    return {};
  },
});

function deleteVersion(world: World, record: FunctionRecord, version: string): void {
  const aliases = record.aliases.filter((alias) => alias.version === version || version in alias.weights);
  if (aliases.length > 0)
    throw conflict(
      `Version was not able to be deleted because aliases refer to it: ${aliases.map(({ name }) => name).join(', ')}`,
    );
  const versions = record.versions.filter((each) => each.version !== version);
  functions(world).put(record.name, { ...record, versions });
}

/** Only `$LATEST` changes. */
function requireUnqualified(world: World, name = ''): void {
  const { qualifier } = parseName(world, name);
  if (qualifier !== undefined && qualifier !== LATEST)
    throw invalidParameter('Published versions and aliases cannot be updated; only $LATEST can.');
}

/** @throws AwsError while an earlier change is under way, or where it is not the revision that was expected */
function changeable(
  world: World,
  { FunctionName, RevisionId }: { FunctionName?: string | undefined; RevisionId?: string | undefined },
): FunctionRecord {
  const record = requireFunction(world, FunctionName);
  if (isPending(world, record))
    throw conflict(
      'The operation cannot be performed at this time. The function is currently in the following state: Pending',
    );
  if (isChanging(world, record))
    throw conflict(
      `The operation cannot be performed at this time. An update is in progress for resource: ${record.arn}`,
    );
  requireRevision(record.latest.revisionId, RevisionId);
  return record;
}

function change(world: World, record: FunctionRecord, publish: boolean): FunctionConfiguration {
  functions(world).put(record.name, record);
  // What runs with the old code or settings ends when it is idle.
  void endSandboxes(world, record.name, LATEST);
  return publish ? published(world, record, {}) : configuration(world, record, record.latest);
}
