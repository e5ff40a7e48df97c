import { given, names, signingAlias } from './policies.ts';
import type { WireCall } from './wire-call.ts';

/** One question that IAM asks itself about a call. */
export type Permission = { action: string; resource: string; context: Record<string, string> };

const { ACCOUNT, REGION } = names;
const sagemaker = (kind: string, name: unknown) =>
  // SageMaker writes names in small letters into ARNs.
  `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${kind}/${String(name).toLowerCase()}`;
const logGroup = (name: unknown, stream: unknown = '') =>
  `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${String(name)}:log-stream:${String(stream)}`;
export const repositoryArn = (name: string, account: string = ACCOUNT) =>
  `arn:aws:ecr:${REGION}:${account}:repository/${name}`;

type Input = Record<string, unknown>;

/** The resources of each call, as the service authorization reference of AWS names them. `*`: it takes no resource. */
const resources: Record<string, (input: Input) => string[]> = {
  ...named('TrainingJob', 'training-job', ['Create', 'Describe', 'Stop']),
  ...named('ProcessingJob', 'processing-job', ['Create', 'Describe', 'Stop']),
  ...named('Model', 'model', ['Create', 'Describe']),
  ...named('ModelPackageGroup', 'model-package-group', ['Create', 'Describe']),
  ...named('EndpointConfig', 'endpoint-config', ['Create', 'Describe']),
  ...named('Endpoint', 'endpoint', ['Describe', 'Invoke']),
  'sagemaker:CreateEndpoint': endpointAndConfig,
  'sagemaker:UpdateEndpoint': endpointAndConfig,
  'sagemaker:DescribeModelPackage': ({ ModelPackageName }) => [String(ModelPackageName)],
  'sagemaker:UpdateModelPackage': ({ ModelPackageArn }) => [String(ModelPackageArn)],
  'sagemaker:CreateModelPackage': ({ ModelPackageGroupName }) => [
    sagemaker('model-package', `${String(ModelPackageGroupName)}/1`),
  ],
  'sagemaker:ListModelPackages': ({ ModelPackageGroupName }) => [
    sagemaker('model-package', `${String(ModelPackageGroupName)}/*`),
  ],
  'sagemaker:ListTags': ({ ResourceArn }) => [String(ResourceArn)],
  'logs:DescribeLogStreams': ({ logGroupName }) => [logGroup(logGroupName)],
  'logs:FilterLogEvents': ({ logGroupName }) => [logGroup(logGroupName)],
  'logs:GetLogEvents': ({ logGroupName, logStreamName }) => [logGroup(logGroupName, logStreamName)],
  'cloudwatch:PutMetricAlarm': ({ AlarmName }) => [alarmArn(String(AlarmName))],
  // Scoped to alarms, these tell nothing of composite alarms, which the actions ask for too.
  'cloudwatch:DescribeAlarms': () => ['*'],
  'cloudwatch:DescribeAlarmHistory': () => ['*'],
  'cloudwatch:GetMetricData': () => ['*'],
  'cloudwatch:PutMetricData': () => ['*'],
  'ecr:GetAuthorizationToken': () => ['*'],
  'ecr:DescribeRepositories': ({ repositoryNames }) =>
    (repositoryNames as string[]).map((name) => repositoryArn(name)),
  'ecr:CreateRepository': ({ repositoryName }) => [repositoryArn(String(repositoryName))],
  'ecr:DescribeImages': ({ repositoryName }) => [repositoryArn(String(repositoryName))],
  'kms:GetPublicKey': ({ KeyId }) => [keyArn(String(KeyId))],
  'kms:Sign': ({ KeyId }) => [keyArn(String(KeyId))],
  'lambda:InvokeFunction': ({ FunctionName }) => [
    `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${String(FunctionName)}`,
  ],
  'iam:GetRole': ({ RoleName }) => [`arn:aws:iam::${ACCOUNT}:role/${String(RoleName)}`],
};

/** What conditions may ask of a call. */
const contexts: Record<string, (input: Input) => Record<string, string>> = {
  'cloudwatch:PutMetricData': ({ Namespace }) => ({ 'cloudwatch:namespace': String(Namespace) }),
  'kms:Sign': ({ SigningAlgorithm, MessageType }) => ({
    'kms:SigningAlgorithm': String(SigningAlgorithm),
    'kms:MessageType': String(MessageType),
  }),
};

/** What a call that goes to the registry itself is to IAM. */
const registryActions: Record<string, string[]> = {
  'HEAD blobs': ['ecr:BatchCheckLayerAvailability'],
  'GET blobs': ['ecr:GetDownloadUrlForLayer'],
  'HEAD manifests': ['ecr:BatchGetImage'],
  'GET manifests': ['ecr:BatchGetImage'],
  'GET referrers': ['ecr:BatchGetImage'],
  'PUT manifests': ['ecr:PutImage'],
  'POST blobs/uploads': ['ecr:InitiateLayerUpload'],
  'PATCH blobs/uploads': ['ecr:UploadLayerPart'],
  'PUT blobs/uploads': ['ecr:CompleteLayerUpload', 'ecr:UploadLayerPart'],
};

/** All that IAM must allow for one call. `sts` needs nothing: who somebody is may be asked by anybody. */
export function permissionsOf({ service, operation, input }: WireCall): Permission[] {
  if (service === 'sts') return [];
  if (service === 's3') return [s3Permission(operation, input)];
  if (service === 'registry') {
    if (input['isPublicBase'] === true) return [];
    const actions = registryActions[operation];
    if (actions === undefined)
      throw new Error(`nobody knows which permission ${operation} of the registry needs`);
    const { mountedFrom } = input;
    return [
      ...actions.map((action) => allow(action, repositoryArn(String(input['repository'])))),
      // A layer may be taken over by whoever may read it ("Blob mounting in Amazon ECR").
      ...(typeof mountedFrom === 'string'
        ? [allow('ecr:GetDownloadUrlForLayer', repositoryArn(mountedFrom))]
        : []),
    ];
  }
  const action = `${service}:${operation}`;
  const found = resources[action]?.(input);
  if (found === undefined) throw new Error(`nobody knows which resource ${action} needs`);
  const context = contexts[action]?.(input) ?? {};
  return [
    ...found.map((resource) => allow(action, resource, context)),
    ...tagging(service, operation, found[0] ?? '', input),
    ...passing(input),
  ];
}

export const allow = (
  action: string,
  resource: string,
  context: Record<string, string> = {},
): Permission => ({
  action,
  resource,
  context,
});

export const alarmArn = (name: string) => `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${name}`;

/** A key by its ARN; by the one alias that there is, the key that it names, which is what IAM asks about. */
export function keyArn(key: string = signingAlias): string {
  return key === signingAlias ? `arn:aws:kms:${REGION}:${ACCOUNT}:key/${given.SIGNING_KEY}` : key;
}

export const objectAction = (action: 'GetObject' | 'PutObject', uri: string): Permission =>
  allow(`s3:${action}`, `arn:aws:s3:::${uri.replace('s3://', '')}`, { 's3:ResourceAccount': ACCOUNT });

function s3Permission(operation: string, { bucket, key, prefix }: Input): Permission {
  const own = { 's3:ResourceAccount': ACCOUNT };
  if (operation === 'GET bucket' || operation === 'HEAD bucket')
    return allow('s3:ListBucket', `arn:aws:s3:::${String(bucket)}`, {
      ...own,
      ...(typeof prefix === 'string' ? { 's3:prefix': prefix } : {}),
    });
  const actions: Record<string, string> = {
    'GET object': 's3:GetObject',
    'HEAD object': 's3:GetObject',
    'PUT object': 's3:PutObject',
    'POST object': 's3:PutObject',
    'PUT bucket': 's3:CreateBucket',
    'DELETE object': 's3:AbortMultipartUpload',
  };
  return allow(actions[operation] ?? operation, `arn:aws:s3:::${String(bucket)}/${String(key)}`, own);
}

function tagging(service: string, operation: string, resource: string, { Tags, tags }: Input): Permission[] {
  if (((Tags ?? tags ?? []) as unknown[]).length === 0) return [];
  return service === 'sagemaker'
    ? [allow('sagemaker:AddTags', resource, { 'sagemaker:TaggingAction': operation })]
    : [allow(`${service}:TagResource`, resource)];
}

/** A role that is handed to a service. */
function passing({
  RoleArn,
  ExecutionRoleArn,
}: {
  RoleArn?: string;
  ExecutionRoleArn?: string;
}): Permission[] {
  const passed = RoleArn ?? ExecutionRoleArn;
  return passed === undefined
    ? []
    : [allow('iam:PassRole', passed, { 'iam:PassedToService': 'sagemaker.amazonaws.com' })];
}

function named(noun: string, kind: string, verbs: string[]) {
  const of = (input: Input) => [sagemaker(kind, input[`${noun}Name`])];
  return Object.fromEntries(verbs.map((verb) => [`sagemaker:${verb}${noun}`, of]));
}

function endpointAndConfig({ EndpointName, EndpointConfigName }: Input): string[] {
  return [sagemaker('endpoint', EndpointName), sagemaker('endpoint-config', EndpointConfigName)];
}
