import { expect, test } from '@jest/globals';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { objects, parseS3Uri, trainingJobs } from '@tidegate/aws';
import { provenance, stage, trainSettings } from './testing/stage.ts';
import { stopTraining, train } from './train.ts';

const learn = `
import os, sys
rows = sum(len(open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], name)).readlines()) for name in os.listdir(os.environ["SM_CHANNEL_TRAIN"]))
print(f"rows={rows} argv={sys.argv[1:]}", flush=True)
print("::set-output name=evil::yes", flush=True)
print("auc=0.71", flush=True)
open(os.path.join(os.environ["SM_MODEL_DIR"], "model.txt"), "w").write(str(rows))
open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "baseline.csv"), "w").write("a\\n1\\n")
`;
const waitForever = 'import time\nprint("waiting", flush=True)\ntime.sleep(600)\n';

test('a model is trained once: the same inputs again start nothing', async () => {
  await using on = await stage();
  await on.write({ 'train.py': learn });
  await on.put('train/01.csv', 'a\nb\n');
  await on.put('train/02.csv', 'c\n');
  const settings = trainSettings(on, {
    hyperparameters: { 'max-iter': '7' },
    metrics: { auc: 'auc=([0-9.]+)' },
  });
  const first = await train(settings, on.surroundings);
  expect(first).toMatchObject({
    state: 'completed',
    failureReason: '',
    jobName: expect.stringMatching(/^flight-delay-[0-9a-f]{12}$/),
    reused: false,
    joined: false,
    metrics: { auc: 0.71 },
    image: '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3',
    dataObjects: [
      { channel: 'train', uri: 's3://flights/train/01.csv', etag: expect.any(String), sizeBytes: 4 },
      { channel: 'train', uri: 's3://flights/train/02.csv', etag: expect.any(String), sizeBytes: 2 },
    ],
  });
  expect(on.said).toContain("rows=3 argv=['--max-iter', '7']");
  expect((await objects(on.aws).find(first.modelUri))?.sizeBytes).toBeGreaterThan(0);
  expect((await objects(on.aws).find(first.outputUri))?.sizeBytes).toBeGreaterThan(0);

  const again = await train(settings, on.another());
  expect(again).toEqual({ ...first, reused: true, costUsd: 0 });
});

test('a job whose model was deleted is not reused', async () => {
  await using on = await stage();
  await on.write({ 'train.py': learn });
  await on.put('train/01.csv', 'a\n');
  const first = await train(trainSettings(on), on.surroundings);
  const { bucket: Bucket, key: Key } = parseS3Uri(first.modelUri);
  await on.aws.client(S3Client).send(new DeleteObjectCommand({ Bucket, Key }));
  const second = await train(trainSettings(on), on.surroundings);
  expect(second).toMatchObject({ jobName: `${first.jobName}-2`, reused: false });
  expect(on.said).toContain(`${first.jobName} had the same inputs and its model is gone`);
});

test('what goes in makes the name: data, code and hyperparameters each give another job', async () => {
  await using on = await stage();
  await on.write({ 'train.py': learn });
  await on.put('train/01.csv', 'a\n');
  const names = [(await train(trainSettings(on), on.surroundings)).jobName];
  await on.put('train/01.csv', 'b\n');
  names.push((await train(trainSettings(on), on.surroundings)).jobName);
  await on.write({ 'train.py': `${learn}# tidied\n` });
  names.push((await train(trainSettings(on), on.surroundings)).jobName);
  names.push((await train(trainSettings(on, { hyperparameters: { depth: '3' } }), on.surroundings)).jobName);
  expect(new Set(names).size).toBe(4);
});

test('a job that fails is a result with its reason and last lines, and is tried again under the next name', async () => {
  await using on = await stage();
  await on.write({
    'train.py': 'print("about to fail", flush=True)\nraise SystemExit("no such column: delay")\n',
  });
  await on.put('train/01.csv', 'a\n');
  const first = await train(trainSettings(on), on.surroundings);
  expect(first).toMatchObject({ state: 'failed', reused: false });
  expect(first.failureReason).toContain(first.jobName);
  expect(first.logTail.join('\n')).toContain('no such column: delay');
  const second = await train(trainSettings(on), on.surroundings);
  expect(second.jobName).toBe(`${first.jobName}-2`);
  expect(on.said.find((line) => line.includes('had the same inputs'))).toContain(first.jobName);
});

test('a job that runs too long is not a success, although AWS calls it stopped', async () => {
  await using on = await stage();
  await on.write({ 'train.py': waitForever });
  await on.put('train/01.csv', 'a\n');
  const result = await train(trainSettings(on, { maxRuntime: 1000 }), on.surroundings);
  expect(result.state).toBe('max-runtime-exceeded');
  expect(result.failureReason).toContain('max-runtime');
});

test('a run that is cancelled stops its job; what a killed run started is joined, and stopped by the one who joined', async () => {
  await using on = await stage();
  await on.write({ 'train.py': waitForever });
  await on.put('train/01.csv', 'a\n');
  const names = new Set<string>();
  const onStart = (name: string) => void names.add(name);
  // As a killed process leaves it: nobody watches, and nobody has stopped anything.
  const abandoned = train(trainSettings(on), { ...on.surroundings, onStart });
  await on.hears('waiting');

  const again = on.another();
  const joined = train(trainSettings(on), { ...again, onStart });
  await again.hears('is under way with the same inputs');
  again.cancel();
  await expect(joined).rejects.toThrow('cancelled');
  expect((await abandoned).state).toBe('stopped');
  expect(names.size).toBe(1);
});

test('the job of another run is watched and never stopped; a post step stops what its own run has left', async () => {
  await using on = await stage();
  await on.write({ 'train.py': waitForever });
  await on.put('train/01.csv', 'a\n');
  let name = '';
  const ours = train(trainSettings(on), { ...on.surroundings, onStart: (job) => void (name = job) });
  await on.hears('waiting');
  const stranger = on.another();
  const theirs = train(trainSettings(on, { provenance: { ...provenance, runId: '102' } }), stranger);
  await stranger.hears('is under way with the same inputs');
  stranger.cancel();
  await expect(theirs).rejects.toThrow('cancelled');
  expect((await trainingJobs(on.aws).find(name))?.state).toBe('running');
  await stopTraining(name, on.surroundings);
  expect((await ours).state).toBe('stopped');
});

test('a machine without capacity is replaced by the next; where none has any, AWS’s reason is told', async () => {
  await using on = await stage();
  await on.write({ 'train.py': learn });
  await on.put('train/01.csv', 'a\n');
  on.local.faults.add({ operation: 'CreateTrainingJob', effect: 'capacity', times: 1 });
  const result = await train(trainSettings(on, { instanceFallbacks: ['ml.m5.2xlarge'] }), on.surroundings);
  expect(result).toMatchObject({
    state: 'completed',
    instanceType: 'ml.m5.2xlarge',
    jobName: expect.stringMatching(/-2$/),
  });
  on.local.faults.add({ operation: 'CreateTrainingJob', effect: 'capacity' });
  await expect(train(trainSettings(on, { hyperparameters: { a: '1' } }), on.surroundings)).rejects.toThrow(
    /^AWS has no capacity for ml\.m5\.xlarge: CapacityError: .* Name other machines in instance-fallbacks/,
  );
});

test('capacity that comes back in time is waited for', async () => {
  await using on = await stage();
  await on.write({ 'train.py': learn });
  await on.put('train/01.csv', 'a\n');
  on.local.faults.add({ operation: 'CreateTrainingJob', effect: 'capacity', times: 2 });
  const result = await train(trainSettings(on, { capacityWait: 120_000 }), on.surroundings);
  expect(result).toMatchObject({ state: 'completed', jobName: expect.stringMatching(/-3$/) });
});

test('throttling, failures of AWS and lost connections on the way change nothing', async () => {
  await using on = await stage();
  await on.write({ 'train.py': learn });
  await on.put('train/01.csv', 'a\n');
  on.local.faults.add({ service: 'sagemaker', effect: 'throttle', times: 7 });
  on.local.faults.add({ operation: 'CreateTrainingJob', effect: 'reset', times: 1 });
  on.local.faults.add({ operation: 'GetLogEvents', effect: 'error', times: 1 });
  expect((await train(trainSettings(on), on.surroundings)).state).toBe('completed');
});

test('everything that is missing is named at once, and nothing is started', async () => {
  await using on = await stage();
  await on.write({ 'train.py': learn });
  const settings = trainSettings(on, {
    roleArn: `arn:aws:iam::${on.local.account}:role/nobody`,
    source: { folder: on.folder, entry: 'trian.py', exclude: [] },
    data: { train: 's3://flights/2001/*.parquet', other: 's3://no-such-bucket/x' },
    spot: { maxWait: 7_200_000 },
  });
  await expect(train(settings, on.surroundings)).rejects.toThrow(
    [
      'Spot capacity needs a checkpoint path: an interrupted job would start from nothing, and may never end.',
      `The role arn:aws:iam::${on.local.account}:role/nobody does not exist (iam:CreateRole makes it, for sagemaker.amazonaws.com).`,
      `The entry trian.py is not in ${on.folder} (or is left out by an ignore file).`,
      's3://flights/2001/*.parquet (data channel train) holds nothing.',
      'The bucket "no-such-bucket" does not exist (aws s3 mb s3://no-such-bucket makes it).',
    ].join('\n'),
  );
});
