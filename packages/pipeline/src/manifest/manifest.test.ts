import { expect, test } from '@jest/globals';
import { parseManifest } from './read-manifest.ts';

const good = `model: flight-delay
train:
  image: scikit-learn:1.4
  entry: train.py
  instance: ml.m5.xlarge
  data: { train: 's3://flights/2001/0[1-3].parquet' }
  hyperparameters: { max-iter: 200 }
deploy:
  instance: ml.m5.xlarge
  bake: 10m
  smoke: examples/request.json
  rollback-on: { error-rate: 1%, p99-latency: 250ms }
evaluate:
  entry: evaluate.py
  data: s3://flights/2001/04.parquet
  metrics: { roc-auc: { at-least: 0.66, not-below-live-by: 0.005 } }
  slices: { by: [origin], min-samples: 500, roc-auc: { at-least: 0.58 } }
`;

test('a good manifest has no problems, and its values are found with their places', () => {
  const { problems, lookup } = parseManifest(good, 'tidegate.yml');
  expect(problems).toEqual([]);
  expect(lookup('train.hyperparameters')).toEqual({ value: { 'max-iter': 200 }, place: 'tidegate.yml:7:20' });
  expect(lookup('deploy.bake')).toEqual({ value: '10m', place: 'tidegate.yml:10:9' });
  expect(lookup('monitor.capture')).toBeUndefined();
});

test('every problem has its line and column, what was found and what would be right', () => {
  const bad = good
    .replace('bake: 10m', 'bake: soon')
    .replace('instance: ml.m5.xlarge\n  data', 'instanse: ml.m5.xlarge\n  data')
    .replace('at-least: 0.66', 'at-least: .nan')
    .replace('model: flight-delay\n', '');
  expect(parseManifest(bad, 'tidegate.yml').problems).toEqual([
    'tidegate.yml:1:1  model is missing',
    'tidegate.yml:2:3  train: train.instance is missing',
    'tidegate.yml:4:3  train.instanse: is not a setting; did you mean instance?',
    'tidegate.yml:9:9  deploy.bake: "soon" is not a duration (90s, 45m, 2h)',
    'tidegate.yml:15:35  evaluate.metrics.roc-auc.at-least: NaN is not a finite number',
  ]);
});

test('a bake that no alarm can fire in is refused', () => {
  const { problems } = parseManifest(good.replace('bake: 10m', 'bake: 1m'), 'tidegate.yml');
  expect(problems).toEqual([
    'tidegate.yml:10:9  deploy.bake: 1m is not longer than the alarm’s window of 60 s, so no alarm could fire while both versions are kept; use 2m or more, or lower rollback-on.period',
  ]);
});

test('the runner is one machine', () => {
  const monitor = `${good}monitor: { engine: runner, instance-count: 3 }\n`;
  expect(parseManifest(monitor, 'tidegate.yml').problems).toEqual([
    'tidegate.yml:18:44  monitor.instance-count: is 3, and monitor.engine: runner is one machine',
  ]);
});

test('an image’s settings that do not go with its server are named together', () => {
  const image = (text: string) => parseManifest(`model: m\nimage: ${text}\n`, 'm.yml').problems;
  expect(image('{ server: triton, base: b }')).toEqual([]);
  expect(image('{ repository: r }')).toEqual([
    'm.yml:2:8  image: base is missing: for server tidegate, start from python:3.12-slim',
    'm.yml:2:8  image: entry is missing: server tidegate serves a script with model_fn, input_fn, predict_fn and output_fn, within the source',
  ]);
  expect(
    image(
      '{ server: vllm, base: b, entry: serve.py }\ndeploy: { target: lambda, instance: ml.m5.large, smoke: s }',
    ),
  ).toEqual([
    'm.yml:2:18  image.server: vllm does not answer Lambda: tidegate does',
    'm.yml:2:40  image.entry: is not for server vllm: it serves the model package, or the model that SM_VLLM_MODEL names in the environment',
  ]);
  expect(image('{ server: torchserve, base: b, python-version: 3.12 }')).toEqual([
    expect.stringContaining(
      'image.server: "torchserve" is archived, and AWS’s PyTorch inference images ended with 2.6',
    ),
    "m.yml:2:55  image.python-version: 3.12 is not a Python version in quotes ('3.12')",
  ]);
});

test('what is not YAML, holds a key twice or refers to itself without end is refused by place', () => {
  expect(parseManifest('model: a\nmodel: b\n', 'm.yml').problems).toEqual([
    'm.yml:2:1  Map keys must be unique',
  ]);
  expect(parseManifest('model: [a\n', 'm.yml').problems[0]).toMatch(/^m\.yml:2:1 {2}/);
  expect(parseManifest('', 'm.yml').problems).toEqual([
    'm.yml:1:1  nothing is not a map with model, region, role, bucket …',
  ]);
});
