import type { World } from '../kernel/world.ts';
import {
  functions,
  invalidParameter,
  LATEST,
  notFound,
  type AliasRecord,
  type FunctionRecord,
  type VersionRecord,
} from './records.ts';

export const functionArn = (world: World, name: string) =>
  `arn:aws:lambda:${world.region}:${world.account}:function:${name}`;

/** A name, `<account>:function:<name>` or an ARN, each with or without `:<qualifier>`. */
export function parseName(world: World, text = ''): { name: string; qualifier: string | undefined } {
  const match =
    /^(?:arn:aws[\w-]*:lambda:([\w-]+):)?(?:(\d{12}):)?(?:function:)?([\w-]+)(?::(\$LATEST|[\w-]+))?$/.exec(
      text,
    );
  const [, region = world.region, account = world.account, name, qualifier] = match ?? [];
  if (name === undefined) throw invalidParameter(`"${text}" is no function's name`);
  if (region !== world.region || account !== world.account) throw notFound(`Function not found: ${text}`);
  return { name, qualifier };
}

/** @throws AwsError ResourceNotFoundException */
export function requireFunction(world: World, text = ''): FunctionRecord {
  const { name } = parseName(world, text);
  const record = functions(world).get(name);
  if (record === undefined) throw notFound(`Function not found: ${functionArn(world, name)}`);
  return record;
}

export type Resolved = {
  record: FunctionRecord;
  version: VersionRecord;
  /** Where an alias was named. */
  alias: AliasRecord | undefined;
  /** As it was named: with a qualifier where there was one. */
  arn: string;
};

/**
 * What a name and a qualifier mean together. An alias is its main version here; what share of invocations goes elsewhere, invoke.ts decides.
 * @throws AwsError ResourceNotFoundException; InvalidParameterValueException where name and qualifier disagree
 */
export function resolve(world: World, text = '', given?: string): Resolved {
  const named = parseName(world, text).qualifier;
  if (named !== undefined && given !== undefined && named !== given)
    throw invalidParameter(
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  const qualifier = named ?? given;
  const record = requireFunction(world, text);
  const arn = qualifier === undefined ? record.arn : `${record.arn}:${qualifier}`;
  const alias = record.aliases.find(({ name }) => name === qualifier);
  const version = versionOf(record, alias?.version ?? qualifier ?? LATEST);
  if (version === undefined) throw notFound(`Function not found: ${arn}`);
  return { record, version, alias, arn };
}

export function versionOf(record: FunctionRecord, version: string): VersionRecord | undefined {
  return version === LATEST ? record.latest : record.versions.find((each) => each.version === version);
}
