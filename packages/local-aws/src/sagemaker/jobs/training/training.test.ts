import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import {
  DeleteTrainingJobCommand,
  ListTrainingJobsCommand,
  StopTrainingJobCommand,
  type ListTrainingJobsCommandInput,
  type ListTrainingJobsCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { unpack } from '../../../runtime/unpack.ts';
import { pythonImage, until, withBench, type Bench } from '../job-bench.ts';

test('a script trains on its channels and leaves a model, metrics, output and a log', async () => {
  await withBench({}, async (bench) => {
    await bench.put('data/train/a.csv', '1\n2\n');
    await bench.put('data/train/b/c.csv', '3\n');
    const script = `
import argparse, json, os, sys
parser = argparse.ArgumentParser()
parser.add_argument('--learning-rate', type=float)
parser.add_argument('--name')
args = parser.parse_args()
folder = os.environ['SM_CHANNEL_TRAIN']
total = sum(int(line) for path in ['a.csv', 'b/c.csv'] for line in open(os.path.join(folder, path)))
print(f'rate={args.learning_rate} name={args.name} hp={os.environ["SM_HP_LEARNING-RATE"]}')
print('validation-auc: 0.5;')
print('validation-auc: 0.75;')
open(os.path.join(os.environ['SM_MODEL_DIR'], 'model.txt'), 'w').write(str(total))
open(os.path.join(os.environ['SM_OUTPUT_DATA_DIR'], 'baseline.csv'), 'w').write('x\\n1\\n')
`;
    await bench.train('first', { 'train.py': script }, {
      AlgorithmSpecification: {
        TrainingImage: pythonImage,
        TrainingInputMode: 'File',
        MetricDefinitions: [{ Name: 'auc', Regex: 'validation-auc: ([0-9.]+);' }],
      },
      HyperParameters: { 'learning-rate': '0.10', name: '"the first"' },
      InputDataConfig: [
        { ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://lab/data/train' } } },
      ],
    });
    const job = await bench.untilTraining('first');
    expect(job.FailureReason).toBeUndefined();
    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    expect(job.FinalMetricDataList?.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([['auc', 0.75]]);
    expect(job.ModelArtifacts).toEqual({ S3ModelArtifacts: 's3://lab/out/first/output/model.tar.gz' });
    expect(await bench.lines('TrainingJobs', 'first')).toEqual([
      'rate=0.1 name=the first hp=0.10',
      'validation-auc: 0.5;',
      'validation-auc: 0.75;',
    ]);
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-model-'));
    await unpack(Readable.from([await bench.get('out/first/output/model.tar.gz')]), folder, 'model.tar.gz');
    expect(await readFile(join(folder, 'model.txt'), 'utf8')).toBe('6');
    await unpack(Readable.from([await bench.get('out/first/output/output.tar.gz')]), folder, 'output.tar.gz');
    expect(await readFile(join(folder, 'baseline.csv'), 'utf8')).toBe('x\n1\n');
  });
});

test("a script that fails gives its last words and its exit code as the reason, and its output is kept", async () => {
  await withBench({}, async (bench) => {
    const script = `
import os, sys
open(os.path.join(os.environ['SM_OUTPUT_DATA_DIR'], 'seen.txt'), 'w').write('1')
print('loading')
sys.stderr.write('ValueError: no rows in /opt/ml/input/data/train\\n')
sys.exit(3)
`;
    await bench.train('fails', { 'train.py': script });
    const job = await bench.untilTraining('fails');
    expect(job.TrainingJobStatus).toBe('Failed');
    expect(job.SecondaryStatus).toBe('Failed');
    expect(job.FailureReason).toBe(
      'AlgorithmError: ExecuteUserScriptError:\nExitCode 3\nErrorMessage "ValueError: no rows in /opt/ml/input/data/train"\nCommand "python train.py", exit code: 3',
    );
    expect((await bench.get('out/fails/output/output.tar.gz')).length).toBeGreaterThan(0);
    await expect(bench.get('out/fails/output/model.tar.gz')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

test('what a program writes to /opt/ml/output/failure is the reason', async () => {
  await withBench({}, async (bench) => {
    const script = "import os, sys; open(os.path.join(os.environ['SM_OUTPUT_DIR'], 'failure'), 'w').write('no label column'); sys.exit(1)";
    await bench.train('explains', { 'train.py': script });
    const { FailureReason } = await bench.untilTraining('explains');
    expect(FailureReason).toBe('AlgorithmError: no label column, exit code: 1');
  });
});

const waits = `
import os, signal, sys, time
def leave(*_):
    open(os.path.join(os.environ['SM_MODEL_DIR'], 'model.txt'), 'w').write('so far')
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print('waiting')
while True: time.sleep(0.05)
`;

test('a job that is stopped gets SIGTERM, and the model it saves then is kept', async () => {
  await withBench({}, async (bench) => {
    await bench.train('stopped', { 'train.py': waits });
    await until(() => bench.lines('TrainingJobs', 'stopped'), (lines) => lines.includes('waiting'));
    await bench.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' }));
    const job = await bench.untilTraining('stopped');
    expect([job.TrainingJobStatus, job.SecondaryStatus]).toEqual(['Stopped', 'Stopped']);
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Stopping',
      'Uploading',
      'Stopped',
    ]);
    expect((await bench.get('out/stopped/output/model.tar.gz')).length).toBeGreaterThan(0);
    await expect(bench.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The request was rejected because the training job is in status Stopped.',
    });
  });
});

test('a program that does not heed SIGTERM is killed after two minutes of the clock', async () => {
  await withBench({ clock: { manual: true } }, async (bench, aws) => {
    await bench.train('deaf', { 'train.py': "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf')\nwhile True: time.sleep(0.05)" });
    await until(() => bench.lines('TrainingJobs', 'deaf'), (lines) => lines.includes('deaf'));
    await bench.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'deaf' }));
    await aws.clock.advance(119_000);
    expect((await bench.untilTraining('deaf', () => true)).TrainingJobStatus).toBe('Stopping');
    await aws.clock.advance(1_000);
    expect((await bench.untilTraining('deaf')).SecondaryStatus).toBe('Stopped');
  });
});

test('a job that runs too long is stopped, which is not a success', async () => {
  await withBench({ clock: { manual: true } }, async (bench, aws) => {
    await bench.train('long', { 'train.py': waits }, { StoppingCondition: { MaxRuntimeInSeconds: 60 } });
    await until(() => bench.lines('TrainingJobs', 'long'), (lines) => lines.includes('waiting'));
    await aws.clock.advance(60_000);
    const job = await bench.untilTraining('long');
    expect([job.TrainingJobStatus, job.SecondaryStatus]).toEqual(['Stopped', 'MaxRuntimeExceeded']);
    expect([job.TrainingTimeInSeconds, job.BillableTimeInSeconds]).toEqual([60, 60]);
  });
});

test('on a fast clock a job has its own, real seconds', async () => {
  await withBench({ clock: { speed: 1000 } }, async (bench) => {
    await bench.train('fast', { 'train.py': "import time; time.sleep(0.3); print('done')" }, { StoppingCondition: { MaxRuntimeInSeconds: 100 } });
    const job = await bench.untilTraining('fast');
    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.TrainingTimeInSeconds).toBeGreaterThan(300);
  });
});

test('a spot job that loses its instance goes on from its checkpoint', async () => {
  await withBench({}, async (bench, aws) => {
    aws.faults.add({ effect: 'spot-interruption', after: 1, times: 1 });
    const script = `
import os, sys, time
path = os.path.join(sys.argv[sys.argv.index('--checkpoints') + 1], 'epoch')
epoch = int(open(path).read()) if os.path.exists(path) else 0
print(f'from {epoch}')
while epoch < 3:
    epoch += 1
    open(path, 'w').write(str(epoch))
    print(f'epoch {epoch}')
    if epoch == 1: time.sleep(60)
`;
    await bench.train('spot', { 'train.py': script }, {
      HyperParameters: { checkpoints: '/opt/ml/checkpoints' },
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 600 },
      CheckpointConfig: { S3Uri: 's3://lab/checkpoints/spot' },
    });
    const job = await bench.untilTraining('spot');
    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Interrupted',
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    expect(await bench.lines('TrainingJobs', 'spot')).toEqual(['from 0', 'epoch 1', 'from 1', 'epoch 2', 'epoch 3']);
    expect(job.BillableTimeInSeconds).toBeLessThanOrEqual(job.TrainingTimeInSeconds ?? 0);
  });
});

test('without capacity a job fails, and a spot job waits as long as it may', async () => {
  await withBench({ clock: { manual: true } }, async (bench, aws) => {
    aws.faults.add({ operation: 'CreateTrainingJob', effect: 'capacity' });
    await bench.train('none', { 'train.py': 'print(1)' });
    expect((await bench.untilTraining('none')).FailureReason).toMatch(/^CapacityError: /);
    await bench.train('never', { 'train.py': 'print(1)' }, {
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 90 },
    });
    await aws.clock.advance(90_000);
    const job = await bench.untilTraining('never');
    expect([job.TrainingJobStatus, job.SecondaryStatus]).toEqual(['Stopped', 'MaxWaitTimeExceeded']);
  });
});

test("requirements beside the script decide what it can import; what pip cannot install fails the job", async () => {
  await withBench({}, async (bench) => {
    await bench.train('needs', { 'train.py': 'import six; print(six.__version__)', 'requirements.txt': 'six==1.16.0\n' });
    expect((await bench.untilTraining('needs')).TrainingJobStatus).toBe('Completed');
    expect((await bench.lines('TrainingJobs', 'needs')).at(-1)).toBe('1.16.0');
    await bench.train('cannot', { 'train.py': 'print(1)', 'requirements.txt': './not-here\n' });
    expect((await bench.untilTraining('cannot')).FailureReason).toMatch(/^AlgorithmError: InstallRequirementsError: [^]*, exit code: 1$/);
  });
});

test('a container entrypoint is run as it is, below a folder of its own', async () => {
  await withBench({}, async (bench) => {
    await bench.put('code/hello.py', "import json, sys; print(sys.argv[1:], json.load(open(sys.argv[2]))['current_host'])");
    await bench.train('entry', { 'unused.txt': '' }, {
      AlgorithmSpecification: {
        TrainingImage: pythonImage,
        TrainingInputMode: 'File',
        ContainerEntrypoint: ['python3', '/opt/ml/input/data/code/hello.py'],
        ContainerArguments: ['x', '/opt/ml/input/config/resourceconfig.json'],
      },
      InputDataConfig: [{ ChannelName: 'code', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://lab/code/hello.py' } } }],
    });
    expect((await bench.untilTraining('entry')).TrainingJobStatus).toBe('Completed');
    expect(await bench.lines('TrainingJobs', 'entry')).toEqual(["['x', '/opt/ml/input/config/resourceconfig.json'] algo-1"]);
  });
});

test('what cannot be run is refused when it is asked for, in AWS\'s words', async () => {
  await withBench({}, async (bench) => {
    const train = (name: string, changes: Parameters<Bench['train']>[2]) => bench.train(name, { 'train.py': 'print(1)' }, changes);
    const channel = (S3Uri: string) => [{ ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri } } }];
    await expect(train('x', { RoleArn: 'arn:aws:iam::123456789012:role/nobody' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Could not assume role arn:aws:iam::123456789012:role/nobody. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.",
    });
    await expect(train('x', { InputDataConfig: channel('s3://lab/nothing/') })).rejects.toMatchObject({
      name: 'ValidationException',
      message: `No S3 objects found under S3 URL "s3://lab/nothing/" given in input data source. Please ensure that the bucket exists in the selected region (us-east-1), that objects exist under that S3 prefix, and that the role "${bench.role}" has "s3:ListBucket" permissions on bucket "lab".`,
    });
    await expect(train('x', { AlgorithmSpecification: { TrainingInputMode: 'File', TrainingImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1' } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/^Cannot find repository: mine in registry ID: 123456789012 /),
    });
    await expect(train('x', { ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1, KeepAlivePeriodInSeconds: 60 } })).rejects.toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501 },
    });
    await expect(train('-x', {})).rejects.toMatchObject({
      name: 'ValidationException',
      message: "1 validation error detected: Value '-x' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    });
    await expect(bench.untilTraining('nothing')).rejects.toMatchObject({ name: 'ValidationException', message: 'Requested resource not found.' });
    await train('taken', {});
    await expect(train('taken', {})).rejects.toMatchObject({ name: 'ResourceInUse' });
    await bench.untilTraining('taken');
  });
});

test('jobs are listed, deleted when they are over, and their names are free again', async () => {
  await withBench({}, async (bench) => {
    for (const name of ['a-1', 'a-2', 'b-1']) {
      await bench.train(name, { 'train.py': 'print(1)' });
      await bench.untilTraining(name);
    }
    const list = (input: ListTrainingJobsCommandInput) => bench.sagemaker.send(new ListTrainingJobsCommand(input));
    const names = (answer: ListTrainingJobsCommandOutput) => answer.TrainingJobSummaries?.map(({ TrainingJobName }) => TrainingJobName);
    const first = await list({ MaxResults: 2, SortBy: 'Name', SortOrder: 'Ascending' });
    expect(names(first)).toEqual(['a-1', 'a-2']);
    expect(names(await list({ MaxResults: 2, SortBy: 'Name', SortOrder: 'Ascending', NextToken: first.NextToken }))).toEqual(['b-1']);
    expect(names(await list({ NameContains: 'a-', StatusEquals: 'Completed' }))).toEqual(['a-2', 'a-1']);
    await bench.sagemaker.send(new DeleteTrainingJobCommand({ TrainingJobName: 'a-1' }));
    await bench.train('a-1', { 'train.py': 'print(1)' });
    expect((await bench.untilTraining('a-1')).TrainingJobStatus).toBe('Completed');
  });
});
