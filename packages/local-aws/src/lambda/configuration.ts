import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { World } from '../kernel/world.ts';
import { LATEST, settlingMs, type FunctionRecord, type VersionRecord } from './records.ts';

/*
 * Transitions, by the server's clock: created → Pending → Active; changed → LastUpdateStatus InProgress → Successful. A version that is
 * published is Active at once.
 */

export const isPending = (world: World, record: FunctionRecord) =>
  world.clock.now() < record.createdAt + settlingMs;

export const isChanging = (world: World, record: FunctionRecord) =>
  world.clock.now() < record.latest.modifiedAt + settlingMs;

/** What AWS tells of a function or one of its versions. */
export function configuration(
  world: World,
  record: FunctionRecord,
  version: VersionRecord,
  arn = version.version === LATEST ? record.arn : `${record.arn}:${version.version}`,
): FunctionConfiguration {
  const pending = version.version === LATEST && isPending(world, record);
  const changing = version.version === LATEST && !pending && isChanging(world, record);
  return {
    FunctionName: record.name,
    FunctionArn: arn,
    Runtime: version.runtime,
    Role: version.role,
    Handler: version.handler,
    CodeSize: version.codeSize,
    Description: version.description,
    Timeout: version.timeoutSeconds,
    MemorySize: version.memoryMb,
    LastModified: new Date(version.modifiedAt).toISOString().replace('Z', '+0000'),
    CodeSha256: version.codeSha256,
    Version: version.version,
    ...(Object.keys(version.environment).length > 0 && { Environment: { Variables: version.environment } }),
    TracingConfig: version.tracing ?? { Mode: 'PassThrough' },
    RevisionId: version.revisionId,
    State: pending ? 'Pending' : 'Active',
    ...(pending && { StateReason: 'The function is being created.', StateReasonCode: 'Creating' as const }),
    LastUpdateStatus: changing ? 'InProgress' : 'Successful',
    ...(changing && { LastUpdateStatusReason: 'The function is being created.' }),
    PackageType: 'Zip',
    Architectures: version.architectures,
    EphemeralStorage: version.ephemeralStorage,
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: version.logging,
    ...(version.vpc && { VpcConfig: version.vpc }),
    ...(version.kmsKeyArn !== undefined && { KMSKeyArn: version.kmsKeyArn }),
  };
}
