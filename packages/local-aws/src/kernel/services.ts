import type { ServiceEntry } from './service-entry.ts';

import type { CreateService } from './world.ts';

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
    validationCode: 'ValidationError',
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
