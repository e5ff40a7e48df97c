import {
  arn,
  choice,
  defineAction,
  duration,
  imageUri,
  map,
  name,
  percentage,
  s3Uri,
  text,
} from '@tidegate/github';
import { analysisInputs, analysisProblems } from '../analysis-inputs.ts';
import { endpointName, recordEnvironment, modelName } from '../endpoint-inputs.ts';

export const contract = defineAction({
  name: 'setup-model-monitor',
  description:
    'Prepares an endpoint for drift checks: statistics of what its model was trained on, capture of its traffic, and an alarm.',
  inputs: {
    environment: recordEnvironment,
    model: modelName,
    'endpoint-name': endpointName,
    'training-job-name': name({
      description:
        'The job whose output.tar.gz holds baseline.csv: the features as the endpoint receives them.',
    }),
    'baseline-uri': s3Uri({
      description: 'What production is compared with instead: CSV, JSON lines, Parquet or an output.tar.gz.',
      manifest: 'monitor.baseline',
    }),
    ...analysisInputs,
    'capture-percent': percentage({
      description: 'The share of requests that is kept; otherwise as it is live.',
      manifest: 'monitor.capture',
    }),
    'capture-s3-uri': s3Uri({
      description: 'Where they are kept; otherwise `s3://<bucket>/<model>/capture`.',
      manifest: 'monitor.capture-s3-uri',
    }),
    smoke: text({
      description: 'A request that the endpoint must answer after capture had to be switched on.',
      manifest: 'deploy.smoke',
    }),
    'analyser-base': imageUri({
      description: 'The image with Node.js 24 or newer that the analyser is put on.',
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
    'analyser-image-uri': 'The analyser’s image, by digest; of engine processing.',
    'analyser-function-code-uri': 'The analyser as a function’s code in S3; of engine lambda.',
  },
  check: ({ trainingJobName, baselineUri, notify, notifyToken, notifyRoleArn, ...analysis }) => [
    ...analysisProblems(analysis),
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
