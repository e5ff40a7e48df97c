import {
  arn,
  defineAction,
  duration,
  flag,
  imageUri,
  instanceType,
  integer,
  list,
  map,
  name,
  s3Uri,
  text,
} from '@tidegate/github';
import { mapProblems, regexProblem, s3UriProblem } from '../map-problems.ts';
import { networkInputs, networkProblems } from '../network.ts';

export const contract = defineAction({
  name: 'sagemaker-train',
  description: 'Trains a model as a SageMaker job, once for the same code, data and settings.',
  post: true,
  inputs: {
    model: name({
      description: 'The model’s name; the job is `<model>-<12 hex of what goes in>`.',
      required: true,
      manifest: 'model',
    }),
    'role-arn': arn('iam role', {
      description: 'The role that SageMaker itself assumes.',
      required: true,
      manifest: 'role',
    }),
    image: imageUri({
      description:
        'A family and version such as `scikit-learn:1.4`, resolved for region and instance, or a full image URI.',
      required: true,
      manifest: 'train.image',
    }),
    source: text({
      description: 'The folder that is packed, less what ignore files name.',
      default: '.',
      manifest: 'train.source',
    }),
    entry: text({
      description:
        'The script that is run, within the source; none for an image that brings its own program.',
      manifest: 'train.entry',
    }),
    exclude: list({ description: 'What else to leave out of the source, as a `.gitignore` says it.' }),
    'instance-type': instanceType({
      description: 'The machine.',
      required: true,
      manifest: 'train.instance',
    }),
    'instance-count': integer({
      description: 'How many machines.',
      default: '1',
      min: 1,
      max: 100,
      manifest: 'train.count',
    }),
    'instance-fallbacks': list({
      description: 'Machines to try in turn when there is no capacity.',
      manifest: 'train.instance-fallbacks',
    }),
    'capacity-wait': duration({
      description: 'How long to go on asking when none of them has capacity.',
      default: '10m',
    }),
    'volume-size-gb': integer({
      description: 'The machine’s disk.',
      default: '30',
      min: 1,
      max: 16_384,
      manifest: 'train.volume-size-gb',
    }),
    data: map({
      description:
        'Channel → S3 URI; the last parts of a key may be a pattern (`s3://b/2001/0[1-3].parquet`).',
      manifest: 'train.data',
    }),
    hyperparameters: map({
      description: 'Handed to the script as `--name value`.',
      manifest: 'train.hyperparameters',
    }),
    environment: map({ description: 'Set for the script.', manifest: 'train.environment' }),
    metrics: map({
      description: 'Metric → regular expression with one group, found in what the script prints.',
      manifest: 'train.metrics',
    }),
    'max-runtime': duration({
      description: 'After this the job is stopped, and has failed.',
      default: '1h',
      manifest: 'train.max-runtime',
    }),
    spot: flag({
      description: 'Use spare capacity at a discount, which AWS may take back; needs checkpoint-s3-uri.',
      default: 'false',
      manifest: 'train.spot',
    }),
    'max-wait': duration({
      description: 'How long spot may take, waiting and run together; otherwise twice max-runtime.',
      manifest: 'train.max-wait',
    }),
    'checkpoint-s3-uri': s3Uri({
      description: 'Where the script’s /opt/ml/checkpoints is kept, and comes back from.',
      manifest: 'train.checkpoint-s3-uri',
    }),
    bucket: text({
      description: 'Where everything is kept; otherwise SageMaker’s default bucket.',
      manifest: 'bucket',
    }),
    ...networkInputs,
    tags: map({ description: 'Put on the job.' }),
  },
  outputs: {
    'training-job-name': 'The job.',
    'training-job-arn': 'Its ARN.',
    'model-artifacts-uri': 'The trained model: `…/output/model.tar.gz`.',
    'output-artifacts-uri': 'What the script wrote beside it: `…/output/output.tar.gz`.',
    joined: '`true` when the same work was under way already and was watched.',
    'metrics-json':
      'The metrics found in the log, as JSON. The script’s own word: evaluate-gate measures anew.',
    'billable-seconds': 'What AWS bills.',
    'spot-savings-percent': 'What spot saved.',
    'image-uri': 'The image it ran in.',
    'source-uri': 'The packed source.',
    'source-digest': 'Its digest.',
    'data-digest': 'The digest of all data objects by key and ETag.',
    'logs-url': 'The log in the AWS console.',
  },
  check: (inputs) => [
    ...(inputs.spot && inputs.checkpointS3Uri === undefined
      ? [['spot', 'needs checkpoint-s3-uri: an interrupted job would start from nothing'] as const]
      : []),
    ...(inputs.maxWait !== undefined && inputs.maxWait < inputs.maxRuntime
      ? [['max-wait', 'counts the run too, so it must be at least max-runtime'] as const]
      : []),
    ...networkProblems(inputs),
    ...mapProblems('data', inputs.data, s3UriProblem),
    ...mapProblems('metrics', inputs.metrics, regexProblem),
    ...(inputs.instanceFallbacks ?? [])
      .filter((each) => !/^ml\.[a-z0-9-]+\.[a-z0-9-]+$/.test(each))
      .map((each) => ['instance-fallbacks', `"${each}" is not an instance type (ml.m5.xlarge)`] as const),
  ],
});
