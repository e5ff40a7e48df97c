import {
  arn,
  choice,
  defineAction,
  duration,
  flag,
  imageUri,
  instanceType,
  integer,
  list,
  map,
  name,
  percentage,
  s3Uri,
  text,
} from '@tidegate/github';
import { attestationInputs, attestationProblems } from '../attestation-inputs.ts';
import {
  endpointName,
  recordEnvironment,
  expectedCurrent,
  moveInputs,
  rateOrNone,
  smokeInputs,
} from '../endpoint-inputs.ts';

export const contract = defineAction({
  name: 'deploy-target',
  description:
    'Brings a model to production behind a guardrail that takes it back by itself, and says what became of it.',
  inputs: {
    target: choice(['sagemaker', 'lambda', 'ecs', 'eks', 'batch'], {
      description: 'Where the model is served. `sagemaker` is built; the others are refused by name.',
      default: 'sagemaker',
      manifest: 'deploy.target',
    }),
    environment: recordEnvironment,
    model: name({
      description: 'The model’s name; what is made for it is named `<model>-<12 hex of the content>`.',
      required: true,
      manifest: 'model',
    }),
    'endpoint-name': endpointName,
    'model-package-arn': arn('model package', {
      description: 'The version to deploy, by its exact ARN; it must be approved.',
    }),
    approve: flag({
      description: 'Approve the package if nobody has, for pipelines whose gate is the approval.',
      default: 'false',
    }),
    'image-uri': imageUri({ description: 'An image by digest, instead of the package’s own.' }),
    'model-artifacts-uri': s3Uri({ description: 'The model.tar.gz, instead of the package’s own.' }),
    'container-environment': map({
      description: 'Environment variables of the container, beside the package’s own.',
    }),
    'role-arn': arn('iam role', {
      description: 'The role that the endpoint runs as.',
      required: true,
      manifest: 'role',
    }),
    'variant-name': name({
      description: 'The production variant; on a live endpoint it cannot change, and the live one is taken.',
      manifest: 'deploy.variant',
    }),
    'instance-type': instanceType({
      description: 'The machine.',
      required: true,
      manifest: 'deploy.instance',
    }),
    'instance-count': integer({
      description: 'How many at first; afterwards what autoscaling made of it is kept, unless this changes.',
      default: '2',
      min: 1,
      max: 1000,
      manifest: 'deploy.count',
    }),
    'startup-timeout': duration({
      description: 'How long a container may take to answer its first health check.',
      default: '10m',
    }),
    strategy: choice(['all-at-once', 'canary', 'linear', 'rolling'], {
      description: 'How traffic moves.',
      default: 'canary',
      manifest: 'deploy.strategy',
    }),
    'canary-percent': percentage({
      description: 'The canary’s share; at most 50.',
      default: '10',
      manifest: 'deploy.canary-percent',
    }),
    'step-percent': percentage({
      description: 'The share of each step: 10–50 of linear, 5–50 of rolling.',
      default: '25',
      manifest: 'deploy.step-percent',
    }),
    bake: duration({
      description: 'How long alarms are watched after each shift.',
      default: '10m',
      manifest: 'deploy.bake',
    }),
    'final-bake': duration({
      description:
        'How long the old fleet is kept once all traffic has moved; by default as long as an alarm needs to fire.',
    }),
    'max-execution': duration({
      description: 'After this AWS gives up and rolls back; by default the bakes and 45 minutes.',
      manifest: 'deploy.max-execution',
    }),
    'error-rate': rateOrNone({
      description: 'Failed requests of the new fleet that take it back, or `none`.',
      default: '1%',
      manifest: 'deploy.rollback-on.error-rate',
    }),
    'p99-latency': duration({
      description: 'The new fleet’s 99th percentile that takes it back.',
      manifest: 'deploy.rollback-on.p99-latency',
    }),
    'p95-latency': duration({
      description: 'The new fleet’s 95th percentile that takes it back.',
      manifest: 'deploy.rollback-on.p95-latency',
    }),
    'alarm-period': duration({
      description: 'The window that an alarm looks at, in whole minutes.',
      default: '1m',
      manifest: 'deploy.rollback-on.period',
    }),
    'alarm-periods': integer({
      description: 'How many windows in a row must fail.',
      default: '1',
      min: 1,
      max: 10,
      manifest: 'deploy.rollback-on.evaluation-periods',
    }),
    'rollback-alarms': list({
      description: 'CloudWatch alarms of your own that take it back too.',
      manifest: 'deploy.rollback-on.alarms',
    }),
    ...smokeInputs,
    'capture-percent': percentage({
      description: 'The share of requests and answers that is kept for drift; otherwise as it is live.',
      manifest: 'monitor.capture',
    }),
    'capture-s3-uri': s3Uri({
      description: 'Where they are kept; otherwise `s3://<bucket>/<model>/capture`.',
      manifest: 'monitor.capture-s3-uri',
    }),
    bucket: text({ description: 'Otherwise SageMaker’s default bucket.', manifest: 'bucket' }),
    'retain-all-variant-properties': flag({
      description: 'Keep the instance counts and weights of the live endpoint.',
      default: 'true',
      manifest: 'deploy.retain-all-variant-properties',
    }),
    ...attestationInputs,
    'expected-current': expectedCurrent,
    tags: map({ description: 'Put on everything that is made.', manifest: 'deploy.tags' }),
    ...moveInputs,
  },
  outputs: {
    verdict: 'promoted, rolled-back, superseded, no-op, timed-out or failed; empty in mode plan.',
    'endpoint-name': 'The endpoint.',
    'endpoint-config-name': 'What was asked to go live.',
    'previous-endpoint-config-name': 'What was live before.',
    'model-package-arn': 'The version, by its exact ARN.',
    'image-uri': 'The image that it runs.',
    'model-artifacts-uri': 'The artifacts that it loads.',
    'github-deployment-id': 'The entry of the record.',
    'rollback-alarm': 'The alarm that took it back.',
    'rollback-reason': 'Why it was taken back, with the figures.',
    requests: 'Requests that the new fleet answered, where it was taken back or failed.',
    errors: 'Those of them that failed.',
    'smoke-latency-ms': 'How long the smoke request took.',
    'has-changes': '`true` when something differs from what is live.',
    'changes-markdown': 'What differs, as a list.',
  },
  check: attestationProblems,
});
