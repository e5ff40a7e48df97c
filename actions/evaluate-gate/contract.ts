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
  number,
  s3Uri,
  text,
} from '@tidegate/github';
import { networkInputs, networkProblems } from '../network.ts';
import { baseline, slices, thresholds } from './inputs.ts';

export const contract = defineAction({
  name: 'evaluate-gate',
  description:
    'Decides whether a trained model may go on, from what it and the live model predict on the same rows.',
  post: true,
  inputs: {
    model: name({ description: 'The model’s name.', required: true, manifest: 'model' }),
    'role-arn': arn('iam role', {
      description: 'The role that SageMaker itself assumes.',
      required: true,
      manifest: 'role',
    }),
    'training-job-name': name({ description: 'The job that made the model.' }),
    'model-artifacts-uri': s3Uri({ description: 'The model’s archive; otherwise that of the training job.' }),
    baseline: baseline({
      description:
        'What it is compared with: the `live` model, the newest of `main` or of the last `release`, a model package ARN, or `none`.',
      default: 'live',
      manifest: 'evaluate.baseline',
    }),
    'endpoint-name': name({
      description: 'Where the live model is; otherwise the model’s name.',
      manifest: 'deploy.endpoint',
    }),
    image: imageUri({
      description: 'The image the script runs in.',
      required: true,
      manifest: ['evaluate.image', 'train.image'],
    }),
    source: text({
      description: 'The folder that is packed, less what ignore files name.',
      default: '.',
      manifest: ['evaluate.source', 'train.source'],
    }),
    entry: text({
      description: 'The script that writes predictions.csv, within the source.',
      required: true,
      manifest: 'evaluate.entry',
    }),
    exclude: list({ description: 'What else to leave out of the source, as a `.gitignore` says it.' }),
    'instance-type': instanceType({
      description: 'The machine.',
      required: true,
      manifest: ['evaluate.instance', 'train.instance'],
    }),
    'volume-size-gb': integer({ description: 'The machine’s disk.', default: '30', min: 1, max: 16_384 }),
    'max-runtime': duration({
      description: 'After this an evaluation is stopped, and has failed.',
      default: '1h',
      manifest: 'evaluate.max-runtime',
    }),
    environment: map({ description: 'Set for the script.' }),
    data: s3Uri({
      description: 'The rows both models are asked; the last parts of the key may be a pattern.',
      required: true,
      manifest: 'evaluate.data',
    }),
    label: text({
      description: 'The column of predictions.csv that holds the truth.',
      default: 'label',
      manifest: 'evaluate.label',
    }),
    metrics: thresholds({
      description: 'What each metric must satisfy.',
      required: true,
      manifest: 'evaluate.metrics',
    }),
    slices: slices({ description: 'What must hold in every slice.', manifest: 'evaluate.slices' }),
    'min-samples': integer({
      description: 'Fewer rows decide nothing.',
      default: '100',
      min: 1,
      manifest: 'evaluate.min-samples',
    }),
    confidence: number({
      description: 'Of the interval around a difference.',
      default: '0.95',
      manifest: 'evaluate.confidence',
    }),
    'accept-identical': flag({
      description: 'Let a newly trained model pass although it predicts exactly as its baseline does.',
      default: 'false',
    }),
    'fail-on': choice(['inconclusive', 'fail', 'never'], {
      description:
        'Which verdicts fail the step: all but `pass`, only `fail` and `integrity-error`, or none. `passed` is `true` on `pass` alone.',
      default: 'inconclusive',
    }),
    'deploy-instance': instanceType({
      description: 'What it would be served on, for the monthly cost.',
      manifest: 'deploy.instance',
    }),
    'deploy-count': integer({
      description: 'How many of them.',
      default: '2',
      min: 1,
      manifest: 'deploy.count',
    }),
    bucket: text({
      description: 'Where everything is kept; otherwise SageMaker’s default bucket.',
      manifest: 'bucket',
    }),
    ...networkInputs,
    tags: map({ description: 'Put on the jobs.' }),
  },
  outputs: {
    verdict: 'pass, fail, inconclusive or integrity-error.',
    passed: '`true` only when the verdict is pass.',
    reason: 'The verdict’s reason in a sentence.',
    'failed-metrics': 'Metrics that did not pass, by commas.',
    'metrics-json': 'The candidate’s metrics, as JSON.',
    'baseline-id': 'What it was compared with, by its exact name; empty where there was nothing.',
    'statistics-uri': 'The candidate’s quality, as the model registry keeps it.',
  },
  check: (inputs) => [
    ...(inputs.trainingJobName === undefined && inputs.modelArtifactsUri === undefined
      ? [
          [
            'training-job-name',
            'is missing, and so is model-artifacts-uri: there is nothing to judge',
          ] as const,
        ]
      : []),
    ...(inputs.confidence <= 0.5 || inputs.confidence >= 1
      ? [['confidence', `${inputs.confidence} is not between 0.5 and 1`] as const]
      : []),
    ...networkProblems(inputs),
  ],
});
