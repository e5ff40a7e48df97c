import {
  arn,
  choice,
  defineAction,
  duration,
  imageUri,
  instanceType,
  map,
  name,
  percentage,
  s3Uri,
  text,
} from '@tidegate/github';

export const contract = defineAction({
  name: 'setup-model-monitor',
  description:
    'Prepares an endpoint for drift checks: statistics of what its model was trained on, capture of its traffic, and an alarm.',
  inputs: {
    environment: text({
      description: 'The GitHub environment whose deployments are the record of what is live.',
      default: 'production',
      manifest: 'deploy.environment',
    }),
    model: name({ description: 'The model’s name.', required: true, manifest: 'model' }),
    'endpoint-name': name({
      description: 'The endpoint; otherwise the model’s name.',
      manifest: 'deploy.endpoint',
    }),
    'training-job-name': name({
      description:
        'The job whose output.tar.gz holds baseline.csv: the features as the endpoint receives them.',
    }),
    'baseline-uri': s3Uri({
      description: 'What production is compared with instead: CSV, JSON lines, Parquet or an output.tar.gz.',
      manifest: 'monitor.baseline',
    }),
    'role-arn': arn('iam role', {
      description: 'The role that the analysis runs as.',
      required: true,
      manifest: 'role',
    }),
    'instance-type': instanceType({ description: 'The machine of the analysis.', default: 'ml.m5.large' }),
    'max-runtime': duration({
      description: 'After this an analysis is stopped, and has failed.',
      default: '1h',
    }),
    'capture-percent': percentage({
      description: 'The share of requests that is kept; otherwise as it is live.',
      manifest: 'monitor.capture',
    }),
    'capture-s3-uri': s3Uri({
      description: 'Where they are kept; otherwise `s3://<bucket>/<model>/capture`.',
      manifest: 'monitor.capture-s3-uri',
    }),
    bucket: text({
      description: 'Where statistics and results are kept; otherwise SageMaker’s default bucket.',
      manifest: 'bucket',
    }),
    smoke: text({
      description: 'A request that the endpoint must answer after capture had to be switched on.',
      manifest: 'deploy.smoke',
    }),
    'analyser-base': imageUri({
      description: 'The image with Node.js that the analyser is put on.',
      default: 'public.ecr.aws/docker/library/node:24-slim',
    }),
    'analyser-repository': text({
      description: 'The ECR repository of the analyser’s image; made where it does not exist.',
      default: 'tidegate-analyser',
    }),
    notify: choice(['none', 'repository-dispatch'], {
      description: 'Whether EventBridge starts a workflow of this repository when the alarm goes off.',
      default: 'none',
    }),
    'notify-event-type': text({ description: 'Of that `repository_dispatch`.', default: 'tidegate-drift' }),
    'notify-token': text({
      description: 'A token that may write this repository’s contents; EventBridge keeps it as a secret.',
      secret: true,
    }),
    'notify-role-arn': arn('iam role', {
      description: 'The role by which EventBridge calls GitHub (events:InvokeApiDestination).',
    }),
    tags: map({ description: 'Put on everything that is made.', manifest: 'deploy.tags' }),
    timeout: duration({ description: 'How long to wait for the endpoint.', default: '2h' }),
  },
  outputs: {
    'endpoint-config-name': 'What is live, and captures.',
    'baseline-statistics-uri': 'statistics.json of the training data.',
    'baseline-constraints-uri': 'constraints.json of the training data.',
    'alarm-name': 'The alarm that goes off on drift.',
    'analyser-image-uri': 'The analyser’s image, by digest.',
  },
  check: ({ trainingJobName, baselineUri, notify, notifyToken, notifyRoleArn }) => [
    ...(trainingJobName === undefined && baselineUri === undefined
      ? [
          [
            'baseline-uri',
            'is missing, and so is training-job-name: there is nothing to compare with',
          ] as const,
        ]
      : []),
    ...(notify === 'repository-dispatch' && notifyToken === undefined
      ? [['notify-token', 'is missing: EventBridge needs it to reach GitHub'] as const]
      : []),
    ...(notify === 'repository-dispatch' && notifyRoleArn === undefined
      ? [['notify-role-arn', 'is missing: EventBridge calls GitHub as this role'] as const]
      : []),
  ],
});
