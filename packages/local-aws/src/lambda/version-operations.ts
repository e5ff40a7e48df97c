import { randomUUID } from 'node:crypto';
import type {
  FunctionConfiguration,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
  PublishVersionRequest,
} from '@aws-sdk/client-lambda';
import type { World } from '../kernel/world.ts';
import { configuration, isChanging, isPending } from './configuration.ts';
import { requireFunction } from './names.ts';
import { page } from './page.ts';
import {
  conflict,
  functions,
  invalidParameter,
  requireRevision,
  type FunctionRecord,
  type VersionRecord,
} from './records.ts';

export const versionOperations = (world: World) => ({
  PublishVersion(input: PublishVersionRequest): FunctionConfiguration {
    const record = requireFunction(world, input.FunctionName);
    if (isPending(world, record) || isChanging(world, record))
      throw conflict(
        `The operation cannot be performed at this time. An update is in progress for resource: ${record.arn}`,
      );
    requireRevision(record.latest.revisionId, input.RevisionId);
    if (input.CodeSha256 !== undefined && input.CodeSha256 !== record.latest.codeSha256)
      throw invalidParameter(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${record.latest.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    return published(world, record, input);
  },

  ListVersionsByFunction(input: ListVersionsByFunctionRequest): ListVersionsByFunctionResponse {
    const record = requireFunction(world, input.FunctionName);
    const { items, ...rest } = page([record.latest, ...record.versions], input);
    return {
      Versions: items.map((version) =>
        configuration(world, record, version, `${record.arn}:${version.version}`),
      ),
      ...rest,
    };
  },
});

/** `$LATEST` as a version of its own; the last one again where nothing has changed since. */
export function published(
  world: World,
  record: FunctionRecord,
  { Description }: Pick<PublishVersionRequest, 'Description'>,
): FunctionConfiguration {
  const last = record.versions.at(-1);
  if (last !== undefined && sameContent(last, record.latest)) return configuration(world, record, last);
  const version: VersionRecord = {
    ...record.latest,
    version: String(record.nextVersion),
    description: Description ?? record.latest.description,
    revisionId: randomUUID(),
  };
  functions(world).put(record.name, {
    ...record,
    versions: [...record.versions, version],
    nextVersion: record.nextVersion + 1,
  });
  return configuration(world, record, version);
}

function sameContent(a: VersionRecord, b: VersionRecord): boolean {
  const content = (record: VersionRecord) => {
    const alike = { ...record, version: '', revisionId: '', modifiedAt: 0, description: '' };
    return JSON.stringify(Object.entries(alike).sort(([x], [y]) => (x < y ? -1 : 1)));
  };
  return content(a) === content(b);
}
