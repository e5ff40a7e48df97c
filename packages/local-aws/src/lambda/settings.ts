import { randomUUID } from 'node:crypto';
import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import { notBuilt } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { roleByArn } from '../iam/roles.ts';
import { trusts } from '../iam/trust.ts';
import type { StoredCode } from './code.ts';
import { invalidParameter, LATEST, type VersionRecord } from './records.ts';
import { requireRuntime } from './runtimes.ts';

type Request = CreateFunctionRequest | UpdateFunctionConfigurationRequest;

/** Members that would change what happens, and are not built. */
const refused = [
  'DeadLetterConfig',
  'Layers',
  'FileSystemConfigs',
  'CodeSigningConfigArn',
  'ImageConfig',
  'TenancyConfig',
  'CapacityProviderConfig',
  'DurableConfig',
  'PublishTo',
] as const;

/** What a request asks for on top of what there is. @throws AwsError for what is wrong or not built */
export function settled(
  world: World,
  request: Request,
  before: VersionRecord | undefined,
  code: StoredCode,
): VersionRecord {
  refuseUnbuilt(request);
  const { Runtime, Handler, Role } = request;
  const runtime = Runtime ?? before?.runtime;
  const handler = Handler ?? before?.handler;
  if (runtime === undefined)
    throw invalidParameter('Runtime is mandatory for functions created with deployment packages');
  if (handler === undefined || handler === '')
    throw invalidParameter('Handler is mandatory for functions created with deployment packages');
  requireRuntime(runtime);
  if (Role !== undefined) requireRole(world, Role);
  const name = request.FunctionName ?? '';
  return {
    version: LATEST,
    runtime,
    handler,
    role: Role ?? before?.role ?? '',
    description: request.Description ?? before?.description ?? '',
    timeoutSeconds: request.Timeout ?? before?.timeoutSeconds ?? 3,
    memoryMb: request.MemorySize ?? before?.memoryMb ?? 128,
    environment: environmentOf(request) ?? before?.environment ?? {},
    architectures: ('Architectures' in request ? request.Architectures : undefined) ??
      before?.architectures ?? ['x86_64'],
    ephemeralStorage: request.EphemeralStorage ?? before?.ephemeralStorage ?? { Size: 512 },
    logging: {
      LogFormat: 'Text',
      LogGroup:
        request.LoggingConfig?.LogGroup ??
        before?.logging.LogGroup ??
        `/aws/lambda/${name.split(':').at(-1) ?? name}`,
    },
    ...kept('vpc', request.VpcConfig, before?.vpc),
    ...kept('tracing', request.TracingConfig, before?.tracing),
    ...kept('kmsKeyArn', request.KMSKeyArn, before?.kmsKeyArn),
    ...code,
    revisionId: randomUUID(),
    modifiedAt: world.clock.now(),
  };
}

function kept<K extends string, T>(key: K, given: T | undefined, before: T | undefined) {
  const value = given ?? before;
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: T };
}

function refuseUnbuilt(request: Request): void {
  const values = request as object as Readonly<Record<string, unknown>>;
  const found = refused.filter((member) => {
    const value = values[member];
    return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
  });
  if (found.length > 0) throw notBuilt(`lambda: ${found.join(', ')}`);
  if ('PackageType' in request && request.PackageType === 'Image')
    throw notBuilt('lambda: functions of PackageType Image');
  if (request.SnapStart?.ApplyOn === 'PublishedVersions') throw notBuilt('lambda: SnapStart');
  if (request.LoggingConfig?.LogFormat === 'JSON') throw notBuilt('lambda: LogFormat JSON');
}

/** Names that the platform gives a value itself. */
const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
const mostEnvironmentBytes = 4096;

function environmentOf({ Environment }: Request): Record<string, string> | undefined {
  const variables = Environment?.Variables;
  if (variables === undefined) return undefined;
  const taken = Object.keys(variables).filter((name) => reserved.test(name));
  if (taken.length > 0)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${taken.join(', ')}`,
    );
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > mostEnvironmentBytes)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${JSON.stringify(variables)}`,
    );
  return variables;
}

function requireRole(world: World, arn: string): void {
  const role = roleByArn(world, arn);
  const service = { type: 'Service' as const, id: 'lambda.amazonaws.com', account: world.account };
  const context = new Map([['aws:sourceaccount', [world.account]]]);
  if (role === undefined || !trusts(role, service, 'sts:AssumeRole', context))
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
}
