import { randomUUID } from 'node:crypto';
import type {
  AliasConfiguration,
  AliasRoutingConfiguration,
  CreateAliasRequest,
  DeleteAliasRequest,
  GetAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-lambda';
import type { World } from '../kernel/world.ts';
import { requireFunction, versionOf } from './names.ts';
import { page } from './page.ts';
import {
  conflict,
  functions,
  invalidParameter,
  LATEST,
  notFound,
  requireRevision,
  type AliasRecord,
  type FunctionRecord,
} from './records.ts';

export const aliasOperations = (world: World) => ({
  CreateAlias(input: CreateAliasRequest): AliasConfiguration {
    const record = requireFunction(world, input.FunctionName);
    const name = input.Name ?? '';
    if (record.aliases.some((alias) => alias.name === name))
      throw conflict(`Alias already exists: ${record.arn}:${name}`);
    const alias = aliasOf(
      record,
      name,
      input.FunctionVersion ?? '',
      input.RoutingConfig,
      input.Description ?? '',
    );
    return putAlias(world, record, alias);
  },

  GetAlias(input: GetAliasRequest): AliasConfiguration {
    const record = requireFunction(world, input.FunctionName);
    return described(record, requireAlias(record, input.Name));
  },

  ListAliases(input: ListAliasesRequest): ListAliasesResponse {
    const record = requireFunction(world, input.FunctionName);
    const { FunctionVersion: version } = input;
    const wanted = record.aliases.filter((alias) => version === undefined || alias.version === version);
    const { items, ...rest } = page(wanted, input);
    return { Aliases: items.map((alias) => described(record, alias)), ...rest };
  },

  UpdateAlias(input: UpdateAliasRequest): AliasConfiguration {
    const record = requireFunction(world, input.FunctionName);
    const before = requireAlias(record, input.Name);
    requireRevision(before.revisionId, input.RevisionId);
    const routing = input.RoutingConfig ?? { AdditionalVersionWeights: before.weights };
    const version = input.FunctionVersion ?? before.version;
    const alias = aliasOf(record, before.name, version, routing, input.Description ?? before.description);
    return putAlias(world, record, alias);
  },

  DeleteAlias(input: DeleteAliasRequest): object {
    const record = requireFunction(world, input.FunctionName);
    const aliases = record.aliases.filter(({ name }) => name !== input.Name);
    functions(world).put(record.name, { ...record, aliases });
    return {};
  },
});

function requireAlias(record: FunctionRecord, name = ''): AliasRecord {
  const alias = record.aliases.find((each) => each.name === name);
  if (alias === undefined) throw notFound(`Alias not found: ${record.arn}:${name}`);
  return alias;
}

function aliasOf(
  record: FunctionRecord,
  name: string,
  version: string,
  routing: AliasRoutingConfiguration | undefined,
  description: string,
): AliasRecord {
  const weights = routing?.AdditionalVersionWeights ?? {};
  const others = Object.keys(weights);
  for (const each of [version, ...others])
    if (versionOf(record, each) === undefined) throw notFound(`Function not found: ${record.arn}:${each}`);
  if (others.length > 1)
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  if (others.length > 0 && [version, ...others].includes(LATEST))
    throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
  if (others.includes(version))
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  if (Object.values(weights).some((weight) => !(weight >= 0 && weight <= 1)))
    throw invalidParameter('Weights are numbers from 0 to 1.');
  return { name, version, description, weights, revisionId: randomUUID() };
}

function putAlias(world: World, record: FunctionRecord, alias: AliasRecord): AliasConfiguration {
  const others = record.aliases.filter(({ name }) => name !== alias.name);
  functions(world).put(record.name, { ...record, aliases: [...others, alias] });
  return described(record, alias);
}

function described(record: FunctionRecord, alias: AliasRecord): AliasConfiguration {
  return {
    AliasArn: `${record.arn}:${alias.name}`,
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    RevisionId: alias.revisionId,
    ...(Object.keys(alias.weights).length > 0 && {
      RoutingConfig: { AdditionalVersionWeights: alias.weights },
    }),
  };
}
