import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { unpack } from '../../../runtime/unpack.ts';
import { pythonImage, withBench } from '../testing/bench.ts';

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
    await bench.train(
      'first',
      { 'train.py': script },
      {
        AlgorithmSpecification: {
          TrainingImage: pythonImage,
          TrainingInputMode: 'File',
          MetricDefinitions: [{ Name: 'auc', Regex: 'validation-auc: ([0-9.]+);' }],
        },
        HyperParameters: { 'learning-rate': '0.10', name: '"the first"' },
        InputDataConfig: [
          {
            ChannelName: 'train',
            DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://lab/data/train' } },
          },
        ],
      },
    );
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
    expect(job.FinalMetricDataList?.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([
      ['auc', 0.75],
    ]);
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

test('a script that fails gives its last words and its exit code as the reason, and its output is kept', async () => {
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
    const script =
      "import os, sys; open(os.path.join(os.environ['SM_OUTPUT_DIR'], 'failure'), 'w').write('no label column'); sys.exit(1)";
    await bench.train('explains', { 'train.py': script });
    const { FailureReason } = await bench.untilTraining('explains');
    expect(FailureReason).toBe('AlgorithmError: no label column, exit code: 1');
  });
});

test('requirements beside the script decide what it can import; what pip cannot install fails the job', async () => {
  await withBench({}, async (bench) => {
    await bench.train('needs', {
      'train.py': 'import six; print(six.__version__)',
      'requirements.txt': 'six==1.16.0\n',
    });
    expect((await bench.untilTraining('needs')).TrainingJobStatus).toBe('Completed');
    expect((await bench.lines('TrainingJobs', 'needs')).at(-1)).toBe('1.16.0');
    await bench.train('cannot', { 'train.py': 'print(1)', 'requirements.txt': './not-here\n' });
    expect((await bench.untilTraining('cannot')).FailureReason).toMatch(
      /^AlgorithmError: InstallRequirementsError: [^]*, exit code: 1$/,
    );
  });
});

test('a container entrypoint is run as it is, below a folder of its own', async () => {
  await withBench({}, async (bench) => {
    await bench.put(
      'code/hello.py',
      "import json, sys; print(sys.argv[1:], json.load(open(sys.argv[2]))['current_host'])",
    );
    await bench.train(
      'entry',
      { 'unused.txt': '' },
      {
        AlgorithmSpecification: {
          TrainingImage: pythonImage,
          TrainingInputMode: 'File',
          ContainerEntrypoint: ['python3', '/opt/ml/input/data/code/hello.py'],
          ContainerArguments: ['x', '/opt/ml/input/config/resourceconfig.json'],
        },
        InputDataConfig: [
          {
            ChannelName: 'code',
            DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://lab/code/hello.py' } },
          },
        ],
      },
    );
    expect((await bench.untilTraining('entry')).TrainingJobStatus).toBe('Completed');
    expect(await bench.lines('TrainingJobs', 'entry')).toEqual([
      "['x', '/opt/ml/input/config/resourceconfig.json'] algo-1",
    ]);
  });
});
