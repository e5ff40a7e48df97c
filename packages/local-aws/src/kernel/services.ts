import type { CreateService } from './world.ts';

export type Protocol = 'awsJson' | 'restJson' | 'restXml' | 'query';

/** What the server knows of a service before anything of it is loaded. */
export type ServiceEntry = {
  /** The name in a signature's scope; also the name that faults use. */
  readonly id: string;
  readonly protocol: Protocol;
  /** Loads the SDK client, whose exported schemas say what the operations look like. */
  readonly sdk: () => Promise<object>;
  /** Loads our own half: the operations that are built. */
  readonly load: () => Promise<CreateService>;
  /** Of awsJson and CBOR: what stands before the dot of `X-Amz-Target`. */
  readonly target?: string;
  readonly jsonVersion?: '1.0' | '1.1';
  /** Of query: the API version by which an unsigned request is known; of XML: the namespace of answers. */
  readonly version?: string;
  readonly xmlNamespace?: string;
  /** Clients that send `x-amzn-query-mode` want the code of the old Query protocol in a header. */
  readonly queryCompatible?: true;
  /** Code of a request that breaks a constraint, where it is not `ValidationException`. */
  readonly validationCode?: string;
  /** Paths begin with the bucket, which the schemas leave to the host name. */
  readonly bucketInPath?: true;
  /** Paths that the service answers itself (`Service.raw`), and the operation's name for faults. */
  readonly rawPaths?: RegExp;
  readonly rawOperation?: string;
  /** Work that goes on after a restart is taken up at start, before the first request is answered. */
  readonly resumes?: true;
};

/** Every service, by the name in a signature's scope. Nothing here is loaded before its first request. */
export const services: readonly ServiceEntry[] = [
  {
    id: 'sagemaker',
    protocol: 'awsJson',
    target: 'SageMaker',
    sdk: () => import('@aws-sdk/client-sagemaker'),
    load: async () => (await import('../sagemaker/index.ts')).createSagemaker,
    resumes: true,
  },
  {
    // Signed as `sagemaker`; told from the control plane by its paths.
    id: 'sagemaker-runtime',
    protocol: 'restJson',
    sdk: () => import('@aws-sdk/client-sagemaker-runtime'),
    load: async () => (await import('../sagemaker-runtime/index.ts')).createSagemakerRuntime,
    rawPaths: /^\/endpoints\/[^/]+\/(invocations|invocations-response-stream|async-invocations)$/,
    rawOperation: 'InvokeEndpoint',
  },
  {
    id: 'monitoring',
    protocol: 'awsJson',
    target: 'GraniteServiceVersion20100801',
    jsonVersion: '1.0',
    version: '2010-08-01',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCompatible: true,
    sdk: () => import('@aws-sdk/client-cloudwatch'),
    load: async () => (await import('../cloudwatch/index.ts')).createCloudwatch,
    resumes: true,
  },
  {
    id: 'logs',
    protocol: 'awsJson',
    target: 'Logs_20140328',
    sdk: () => import('@aws-sdk/client-cloudwatch-logs'),
    load: async () => (await import('../logs/index.ts')).createLogs,
  },
  {
    id: 'ecr',
    protocol: 'awsJson',
    target: 'AmazonEC2ContainerRegistry_V20150921',
    sdk: () => import('@aws-sdk/client-ecr'),
    load: async () => (await import('../ecr/index.ts')).createEcr,
    rawPaths: /^\/v2(\/|$)/,
    rawOperation: 'Registry',
  },
  {
    id: 'events',
    protocol: 'awsJson',
    target: 'AWSEvents',
    sdk: () => import('@aws-sdk/client-eventbridge'),
    load: async () => (await import('../events/index.ts')).createEvents,
    resumes: true,
  },
  {
    id: 's3',
    protocol: 'restXml',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    validationCode: 'InvalidRequest',
    bucketInPath: true,
    sdk: () => import('@aws-sdk/client-s3'),
    load: async () => (await import('../s3/index.ts')).createS3,
  },
  {
    id: 'sts',
    protocol: 'query',
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    validationCode: 'ValidationError',
    sdk: () => import('@aws-sdk/client-sts'),
    load: async () => (await import('../sts/index.ts')).createSts,
  },
  {
    id: 'iam',
    protocol: 'query',
    version: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    validationCode: 'ValidationError',
    sdk: () => import('@aws-sdk/client-iam'),
    load: async () => (await import('../iam/index.ts')).createIam,
  },
];
