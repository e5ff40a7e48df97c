import { retiredServers, servers } from './servers.ts';
import {
  amount,
  anyScalar,
  dictionary,
  flag,
  group,
  matching,
  oneOf,
  sequence,
  text,
  type Node,
} from './node.ts';

const duration = (description: string, value?: string) =>
  matching(
    'a duration (90s, 45m, 2h)',
    /^(\d+(\.\d+)?(ms|s|m|h|d))+$/,
    description,
    value === undefined ? {} : { default: value },
  );
const percentage = (description: string, value?: string) =>
  matching(
    'a percentage (20%)',
    /^\d+(\.\d+)?%$/,
    description,
    value === undefined ? {} : { default: value },
  );
const s3Uri = (description: string) =>
  matching('an S3 URI (s3://bucket/key)', /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/, description);
const name = (description: string) =>
  matching(
    'a name (letters, digits and single hyphens, at most 63 characters)',
    /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
    description,
  );
const instanceType = (description: string) =>
  matching('an instance type (ml.m5.xlarge)', /^ml\.[a-z0-9-]+\.[a-z0-9-]+$/, description);
const roleArn = (description: string) =>
  matching(
    'an IAM role ARN (arn:aws:iam::<12 digits>:role/<name>)',
    /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
    description,
  );

const threshold = group('What a metric must satisfy.', {
  'at-least': amount([-Infinity, Infinity], 'The metric may not be lower.'),
  'at-most': amount([-Infinity, Infinity], 'The metric may not be higher.'),
  'not-below-live-by': amount([0, Infinity], 'How far the metric may fall below the live model’s.'),
  'not-above-live-by': amount([0, Infinity], 'How far the metric may rise above the live model’s.'),
});

/** `tidegate.yml`, whole. */
export const schema: Node = group(
  'A model repository’s settings for every Tidegate action and workflow.',
  {
    model: name('The model’s name: of its package group, its jobs and its images.'),
    region: matching(
      'an AWS region (us-east-1)',
      /^[a-z]{2}(-[a-z]+)+-\d$/,
      'Where everything runs; otherwise AWS_REGION.',
    ),
    role: roleArn('The role that SageMaker itself assumes for jobs and endpoints.'),
    bucket: matching(
      'a bucket’s name',
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'Where sources, models and reports are kept; otherwise SageMaker’s default bucket.',
    ),
    train: group(
      'How the model is trained.',
      {
        image: text(
          'A family and version such as scikit-learn:1.4, resolved for region and instance, or a full image URI.',
        ),
        source: text('The folder that is packed and named by its content.', { default: '.' }),
        entry: text('The script that is run, within the source.'),
        instance: instanceType('The machine.'),
        'instance-fallbacks': sequence(
          'Machines to try when there is no capacity.',
          instanceType('A machine.'),
        ),
        count: amount([1, 100], 'How many machines.', { default: 1 }),
        'volume-size-gb': amount([1, 16_384], 'The machine’s disk.', { default: 30 }),
        data: dictionary(
          'Where each channel’s data is; the last part of a key may be a glob.',
          s3Uri('The channel’s data.'),
        ),
        hyperparameters: dictionary('Handed to the script as arguments.', anyScalar('A setting.')),
        environment: dictionary('Set for the script.', anyScalar('A variable.')),
        metrics: dictionary(
          'Metrics found in the log, each by a regular expression with one group.',
          text('The expression.'),
        ),
        'max-runtime': duration('After this the job is stopped, and has failed.', '1h'),
        spot: flag('Use spot capacity; needs checkpoint-s3-uri.', { default: false }),
        'checkpoint-s3-uri': s3Uri('Where checkpoints are kept.'),
        'max-wait': duration('How long to wait for spot capacity, the run included.'),
      },
      { required: ['image', 'entry', 'instance', 'data'] },
    ),
    evaluate: group(
      'How a model is judged.',
      {
        entry: text('The script that writes predictions.csv, within the source.'),
        source: text('The folder that is packed; otherwise that of train.'),
        image: text('The image it runs in; otherwise that of train.'),
        instance: instanceType('The machine; otherwise that of train.'),
        data: s3Uri('The rows both models are judged on; the last part of the key may be a glob.'),
        label: text('The column of predictions.csv that holds the truth.', { default: 'label' }),
        baseline: text(
          'What the candidate is compared with: live, main, release, none or a model package ARN.',
          { default: 'live' },
        ),
        'min-samples': amount([1, Infinity], 'Fewer rows decide nothing.', { default: 100 }),
        confidence: amount([0.5, 0.9999], 'Of the interval around a difference.', { default: 0.95 }),
        'max-runtime': duration('After this the evaluation is stopped, and has failed.', '1h'),
        metrics: dictionary('What each metric must satisfy.', threshold),
        slices: group(
          'What must hold in every slice, by metric.',
          {
            by: sequence('Columns of predictions.csv whose every value is a slice.', text('A column.')),
            'min-samples': amount([1, Infinity], 'Smaller slices are shown, not judged.', { default: 100 }),
          },
          { required: ['by'], others: threshold },
        ),
      },
      { required: ['entry', 'data', 'metrics'] },
    ),
    image: group('The image that serves the model.', {
      server: oneOf(
        servers,
        'Who serves: Tidegate’s own server, one that the base has, or whatever the base starts by itself (none). See docs/servers.md.',
        { default: 'tidegate', retired: retiredServers },
      ),
      base: text('Where it starts from; pinned to its digest in tidegate.lock at the first build. Required.'),
      'mirror-base': text('A repository, or the image’s own, that keeps one copy of the base.'),
      platform: matching(
        'a platform (linux/amd64, linux/arm64)',
        /^[a-z]+\/[a-z0-9]+(\/[a-z0-9]+)?$/,
        'The machines it will run on: Graviton instances are linux/arm64.',
        { default: 'linux/amd64' },
      ),
      source: text('The folder that holds the code, and models that are to be in the image.', {
        default: '.',
      }),
      requirements: text('Python packages, within the source.'),
      'python-version': matching(
        "a Python version in quotes ('3.12')",
        /^3\.\d+$/,
        'Of the base; needed only for packages, where neither the base nor its tag says.',
      ),
      entry: text(
        'What is served, within the source: for tidegate the script with model_fn, input_fn, predict_fn and output_fn, for ray-serve `module:app` (both required), for tensorflow-serving a script with input_handler and output_handler; not for triton and vllm.',
      ),
      repository: text('The ECR repository; otherwise the model’s name.'),
      dependencies: oneOf(
        ['layer', 'none'],
        'Whether the packages become a layer, or are in the base already.',
        { default: 'layer' },
      ),
      environment: dictionary('Set for the server.', anyScalar('A variable.')),
      'max-image-size-gb': amount([0, 50], 'A larger image is refused.', { default: 10 }),
      'signing-key': matching(
        'a KMS key (its id, its ARN, or alias/<name>)',
        /^(arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+|alias\/[\w/-]+|(mrk-)?[0-9a-f-]{32,36})$/,
        'The KMS key that signs what is attached to the image; given, only what it signed is deployed.',
      ),
    }),
    deploy: group(
      'Where and how the model goes live.',
      {
        target: oneOf(['sagemaker', 'lambda', 'ecs', 'eks', 'batch'], 'Where it is served.', {
          default: 'sagemaker',
        }),
        endpoint: name('The endpoint; otherwise the model’s name.'),
        variant: name('The endpoint’s production variant.'),
        instance: instanceType('The machine.'),
        count: amount([1, 1000], 'How many machines at first; afterwards autoscaling’s number is kept.', {
          default: 2,
        }),
        strategy: oneOf(['all-at-once', 'canary', 'linear', 'rolling'], 'How traffic moves.', {
          default: 'canary',
        }),
        'canary-percent': amount([1, 50], 'The canary’s share of the traffic.', { default: 10 }),
        'step-percent': amount([5, 50], 'The share of each step of linear and rolling.', { default: 25 }),
        bake: duration('How long both versions are kept after each shift while alarms are watched.', '10m'),
        'max-execution': duration('After this AWS gives up and rolls back.'),
        'rollback-on': group('What brings the last version back.', {
          'error-rate': percentage('Failed requests of the new version.'),
          'p99-latency': duration('The new version’s 99th percentile.'),
          'p95-latency': duration('The new version’s 95th percentile.'),
          period: duration('The window that an alarm looks at.', '1m'),
          'evaluation-periods': amount([1, 10], 'How many windows must agree.', { default: 1 }),
          alarms: sequence('CloudWatch alarms of your own.', text('An alarm’s name.')),
        }),
        smoke: text('A request that the endpoint must answer, as a file in the repository.'),
        environment: text('The GitHub environment.'),
        'verify-attestation': oneOf(
          ['off', 'present', 'signed'],
          'What must be attached to an image before it is deployed; otherwise signed where there is image.signing-key, else off.',
        ),
        'retain-all-variant-properties': flag('Keep autoscaled counts and weights.', { default: true }),
        tags: dictionary('Put on everything that is created.', anyScalar('A tag’s value.')),
      },
      { required: ['instance', 'smoke'] },
    ),
    monitor: group('How production is watched.', {
      capture: percentage('The share of requests that is kept.', '20%'),
      'capture-s3-uri': s3Uri('Where they are kept.'),
      schedule: oneOf(
        ['hourly', 'daily', 'weekly'],
        'How often drift is looked for; the workflow’s cron decides when.',
        { default: 'hourly' },
      ),
      baseline: s3Uri(
        'What production is compared with; otherwise baseline.csv of the training job’s output.',
      ),
      window: duration('How far back one check looks.', '24h'),
      engine: oneOf(
        ['processing', 'runner', 'lambda'],
        'What reads the captured traffic: a Processing job, the runner itself, or a Lambda function.',
        { default: 'processing' },
      ),
      'instance-count': amount([1, 100], 'How many instances or invocations share the traffic.', {
        default: 1,
      }),
      'analyser-function': text('The function, by its name or ARN.', { default: 'tidegate-analyser' }),
      drift: group('When production has drifted.', {
        measure: oneOf(
          ['psi', 'ks', 'jensen-shannon', 'wasserstein', 'chi-squared', 'total-variation'],
          'How distributions are compared.',
          { default: 'psi' },
        ),
        warn: amount([0, Infinity], 'From here on it is worth a look.', { default: 0.1 }),
        fail: amount([0, Infinity], 'From here on it is drift.', { default: 0.2 }),
        'min-samples': amount([1, Infinity], 'Fewer requests decide nothing.', { default: 1000 }),
        windows: matching(
          'windows (2 of 3)',
          /^[1-9]\d* of [1-9]\d*$/,
          'How many of the last windows must have drifted.',
          { default: '1 of 1' },
        ),
        features: sequence('Only these columns; otherwise all.', text('A column.')),
      }),
      'on-drift': oneOf(['alert', 'rollback', 'retrain', 'rollback-and-retrain'], 'What is done.', {
        default: 'alert',
      }),
    }),
  },
  { required: ['model'] },
);
