import { alarmArn, allow, objectAction, repositoryArn, type Permission } from './permissions.ts';
import { names } from './policies.ts';
import type { RecordedCall } from './recorder.ts';

/*
 * What SageMaker does as the role that it is handed. It does so inside AWS, where nobody can listen, so it is read from the
 * requests: each image is pulled, each input read, each output written, as AWS's guide to execution roles says of these calls
 * (docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html; of alarms: deployment-guardrails-configuration.html).
 */

type S3Input = { S3Uri: string; S3DataType?: string };
type Body = Record<string, unknown>;

/** @param manifests the SageMaker manifest files that were stored in this story, by URI: their objects are inputs too */
export function serviceRolePermissions(
  { service, operation, input }: RecordedCall,
  manifests: ReadonlyMap<string, string>,
): Permission[] {
  if (service !== 'sagemaker') return [];
  const read = ({ S3Uri, S3DataType }: S3Input) => readInput(S3Uri, S3DataType, manifests);
  switch (operation) {
    case 'CreateTrainingJob': {
      const { HyperParameters, AlgorithmSpecification, InputDataConfig, OutputDataConfig, TrainingJobName } =
        input as {
          HyperParameters: Record<string, string>;
          AlgorithmSpecification: { TrainingImage: string };
          InputDataConfig: { DataSource: { S3DataSource: S3Input } }[];
          OutputDataConfig: { S3OutputPath: string };
          TrainingJobName: string;
        };
      return [
        ...pull(AlgorithmSpecification.TrainingImage),
        ...InputDataConfig.flatMap(({ DataSource }) => read(DataSource.S3DataSource)),
        objectAction('GetObject', HyperParameters['sagemaker_submit_directory'] ?? ''),
        objectAction('PutObject', `${OutputDataConfig.S3OutputPath}/${TrainingJobName}/output/model.tar.gz`),
        ...report('TrainingJobs', `${TrainingJobName}/algo-1-1700000000`),
      ];
    }
    case 'CreateProcessingJob': {
      const { AppSpecification, ProcessingInputs, ProcessingOutputConfig, ProcessingJobName } = input as {
        AppSpecification: { ImageUri: string };
        ProcessingInputs: { S3Input: S3Input }[];
        ProcessingOutputConfig: { Outputs: { S3Output: { S3Uri: string } }[] };
        ProcessingJobName: string;
      };
      return [
        ...pull(AppSpecification.ImageUri),
        ...ProcessingInputs.flatMap(({ S3Input }) => read(S3Input)),
        ...ProcessingOutputConfig.Outputs.map(({ S3Output }) =>
          objectAction('PutObject', `${S3Output.S3Uri}/results.json`),
        ),
        ...report('ProcessingJobs', `${ProcessingJobName}/algo-1-1700000000`),
      ];
    }
    case 'CreateModelPackage': {
      const { Containers } = input['InferenceSpecification'] as {
        Containers: { Image: string; ModelDataUrl: string }[];
      };
      return Containers.flatMap(({ Image, ModelDataUrl }) => [
        ...pull(Image),
        objectAction('GetObject', ModelDataUrl),
      ]);
    }
    case 'CreateEndpointConfig': {
      const { DestinationS3Uri } = input['DataCaptureConfig'] as { DestinationS3Uri: string };
      return [objectAction('PutObject', `${DestinationS3Uri}/${names.MODEL}/primary/2026/01/01/00/a.jsonl`)];
    }
    case 'CreateEndpoint':
      return report(`Endpoints/${String(input['EndpointName'])}`, 'primary/i-0123456789abcdef0');
    case 'UpdateEndpoint': {
      const { AutoRollbackConfiguration } = input['DeploymentConfig'] as {
        AutoRollbackConfiguration?: { Alarms: { AlarmName: string }[] };
      };
      return (AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName }) =>
        allow('cloudwatch:DescribeAlarms', alarmArn(AlarmName)),
      );
    }
    default:
      return [];
  }
}

/** The SageMaker manifest files among what was stored. */
export function storedManifests(calls: readonly RecordedCall[]): Map<string, string> {
  return new Map(
    calls
      .filter(
        ({ service, operation, input }) =>
          service === 's3' && operation === 'PUT object' && isManifest(input),
      )
      .map(({ input }) => [`s3://${String(input['bucket'])}/${String(input['key'])}`, String(input['body'])]),
  );
}

const isManifest = ({ key }: Body) => String(key).endsWith('.manifest');

function readInput(
  uri: string,
  type: string | undefined,
  manifests: ReadonlyMap<string, string>,
): Permission[] {
  if (type !== 'ManifestFile') return [listing(uri), objectAction('GetObject', uri)];
  const [{ prefix }, ...keys] = JSON.parse(manifests.get(uri) ?? '[{"prefix":""}]') as [
    { prefix: string },
    ...string[],
  ];
  return [
    objectAction('GetObject', uri),
    ...keys.flatMap((key) => [listing(prefix + key), objectAction('GetObject', prefix + key)]),
  ];
}

function listing(uri: string): Permission {
  const { hostname, pathname } = new URL(uri);
  return allow('s3:ListBucket', `arn:aws:s3:::${hostname}`, {
    's3:ResourceAccount': names.ACCOUNT,
    's3:prefix': pathname.slice(1),
  });
}

function pull(image: string): Permission[] {
  const [, account = '', repository = ''] = /^(\d{12})\.dkr\.ecr\.[^/]+\/([^:@]+)/.exec(image) ?? [];
  const of = repositoryArn(repository, account);
  return [
    allow('ecr:GetAuthorizationToken', '*'),
    ...['BatchCheckLayerAvailability', 'GetDownloadUrlForLayer', 'BatchGetImage'].map((action) =>
      allow(`ecr:${action}`, of),
    ),
  ];
}

function report(group: string, stream: string): Permission[] {
  const of = `arn:aws:logs:${names.REGION}:${names.ACCOUNT}:log-group:/aws/sagemaker/${group}:log-stream:`;
  return [
    ...['CreateLogGroup', 'DescribeLogStreams'].map((action) => allow(`logs:${action}`, of)),
    ...['CreateLogStream', 'PutLogEvents'].map((action) => allow(`logs:${action}`, of + stream)),
    allow('cloudwatch:PutMetricData', '*', {
      'cloudwatch:namespace': `/aws/sagemaker/${group.split('/')[0] ?? ''}`,
    }),
  ];
}
