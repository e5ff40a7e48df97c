import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  StopProcessingJobCommand,
  type CreateProcessingJobRequest,
  type DescribeProcessingJobResponse,
} from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { archive } from '../../testing/archive.ts';
import { pushImage } from '../../testing/push-image.ts';
import { pythonImage, until, withBench, type Bench } from '../testing/bench.ts';

const isOver = ({ ProcessingJobStatus: status }: DescribeProcessingJobResponse) =>
  status !== 'InProgress' && status !== 'Stopping';

async function process(
  bench: Bench,
  name: string,
  script: string,
  changes: Partial<CreateProcessingJobRequest> = {},
) {
  await bench.put(`scripts/${name}/main.py`, script);
  const { ProcessingInputs = [], ...rest } = changes;
  await bench.sagemaker.send(
    new CreateProcessingJobCommand({
      ProcessingJobName: name,
      RoleArn: bench.role,
      AppSpecification: {
        ImageUri: pythonImage,
        ContainerEntrypoint: ['python3', '/opt/ml/processing/input/code/main.py'],
      },
      ProcessingResources: {
        ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
      },
      ProcessingInputs: [input('code', `s3://lab/scripts/${name}`), ...ProcessingInputs],
      ...rest,
    }),
  );
}

const describe = (bench: Bench, name: string) =>
  bench.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
const finished = (bench: Bench, name: string) => until(() => describe(bench, name), isOver);

const input = (name: string, uri: string, more: object = {}) => ({
  InputName: name,
  S3Input: {
    S3Uri: uri,
    LocalPath: `/opt/ml/processing/input/${name}`,
    S3DataType: 'S3Prefix' as const,
    S3InputMode: 'File' as const,
    ...more,
  },
});

const output = (name: string, uri: string, mode: 'EndOfJob' | 'Continuous' = 'EndOfJob') => ({
  OutputName: name,
  S3Output: { S3Uri: uri, LocalPath: `/opt/ml/processing/output/${name}`, S3UploadMode: mode },
});

test('a script finds its inputs, and what it writes is uploaded when it ends', async () => {
  await withBench({}, async (bench) => {
    await bench.put('rows/a.csv', '1\n2\n');
    await bench.put('manifest.json', JSON.stringify([{ prefix: 's3://lab/rows/' }, 'a.csv']));
    const script = `
import json, os, sys
rows = open(os.path.join(os.environ['DATA_DIR'], 'a.csv')).read().split()
again = open(os.path.join(os.path.dirname(os.environ['DATA_DIR']), 'listed', 'a.csv')).read().split()
config = json.load(open(os.path.join(os.environ['SAGEMAKER_BASE_DIR'], 'config', 'processingjobconfig.json')))
assert rows == again and sys.argv[1:] == ['--mode', 'quick'], sys.argv
print(config['ProcessingJobArn'], [each['InputName'] for each in config['ProcessingInputs']])
open(os.path.join(os.environ['OUT_DIR'], 'sum.txt'), 'w').write(str(sum(map(int, rows))))
open(os.path.join(os.environ['SAGEMAKER_BASE_DIR'], 'output', 'message'), 'w').write('2 rows')
`;
    await process(bench, 'sum', script, {
      AppSpecification: {
        ImageUri: pythonImage,
        ContainerEntrypoint: ['python3', '/opt/ml/processing/input/code/main.py'],
        ContainerArguments: ['--mode', 'quick'],
      },
      Environment: { DATA_DIR: '/opt/ml/processing/input/data', OUT_DIR: '/opt/ml/processing/output/result' },
      ProcessingInputs: [
        input('data', 's3://lab/rows/'),
        input('listed', 's3://lab/manifest.json', { S3DataType: 'ManifestFile' }),
      ],
      ProcessingOutputConfig: { Outputs: [output('result', 's3://lab/results/')] },
    });
    const job = await finished(bench, 'sum');
    expect(job).toMatchObject({ ProcessingJobStatus: 'Completed', ExitMessage: '2 rows' });
    expect(await bench.text('results/sum.txt')).toBe('3');
    expect(await bench.lines('ProcessingJobs', 'sum')).toEqual([
      "arn:aws:sagemaker:us-east-1:123456789012:processing-job/sum ['code', 'data', 'listed']",
    ]);
  });
});

test('a job that fails says why and uploads only what was continuous', async () => {
  await withBench({}, async (bench) => {
    const script = `
import os, sys
for name in ['end', 'all-along']:
    open(os.path.join(os.environ['OUT'], name, 'x.txt'), 'w').write(name)
open(os.path.join(os.environ['SAGEMAKER_BASE_DIR'], 'output', 'failure'), 'w').write('the label column is missing')
sys.exit(4)
`;
    await process(bench, 'fails', script, {
      Environment: { OUT: '/opt/ml/processing/output' },
      ProcessingOutputConfig: {
        Outputs: [output('end', 's3://lab/f/end'), output('all-along', 's3://lab/f/all', 'Continuous')],
      },
    });
    const job = await finished(bench, 'fails');
    expect(job).toMatchObject({
      ProcessingJobStatus: 'Failed',
      FailureReason: 'AlgorithmError: the label column is missing, exit code: 4',
    });
    expect(await bench.text('f/all/x.txt')).toBe('all-along');
    await expect(bench.text('f/end/x.txt')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

test('instances share out a sharded input, and all of their outputs come together', async () => {
  await withBench({}, async (bench) => {
    for (const name of ['a', 'b', 'c']) await bench.put(`shards/${name}.txt`, name);
    const script = `
import json, os
base = os.environ['SAGEMAKER_BASE_DIR']
host = json.load(open(base + '/config/resourceconfig.json'))
files = sorted(os.listdir(base + '/processing/input/data'))
open(f"{base}/processing/output/seen/{host['current_host']}.json", 'w').write(json.dumps([host['hosts'], files]))
`;
    await process(bench, 'shared', script, {
      ProcessingResources: {
        ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 2, VolumeSizeInGB: 5 },
      },
      ProcessingInputs: [input('data', 's3://lab/shards/', { S3DataDistributionType: 'ShardedByS3Key' })],
      ProcessingOutputConfig: { Outputs: [output('seen', 's3://lab/seen')] },
    });
    expect(await finished(bench, 'shared')).toMatchObject({ ProcessingJobStatus: 'Completed' });
    expect(JSON.parse(await bench.text('seen/algo-1.json'))).toEqual([
      ['algo-1', 'algo-2'],
      ['a.txt', 'c.txt'],
    ]);
    expect(JSON.parse(await bench.text('seen/algo-2.json'))).toEqual([['algo-1', 'algo-2'], ['b.txt']]);
  });
});

test('an image of the local registry runs by its own entrypoint, from its own files', async () => {
  await withBench({}, async (bench, aws) => {
    const layer = await archive({
      'opt/app/main.py': 'import greeting, sys; print(greeting.text, sys.argv[1:])',
      'opt/lib/greeting.py': "text = 'hello'",
    });
    const ImageUri = await pushImage(aws.endpoint, 'greeter', layer, {
      Entrypoint: ['python', '/opt/app/main.py'],
      Cmd: ['by', 'itself'],
      Env: ['PATH=/usr/local/bin:/usr/bin', 'PYTHONPATH=/opt/lib'],
      WorkingDir: '/opt/app',
    });
    await process(bench, 'own', '', { AppSpecification: { ImageUri } });
    expect(await finished(bench, 'own')).toMatchObject({ ProcessingJobStatus: 'Completed' });
    expect(await bench.lines('ProcessingJobs', 'own')).toEqual(["hello ['by', 'itself']"]);
    await process(bench, 'told', '', { AppSpecification: { ImageUri, ContainerArguments: ['x'] } });
    await finished(bench, 'told');
    expect(await bench.lines('ProcessingJobs', 'told')).toEqual(["hello ['x']"]);
  });
});

test('a job is stopped on request, and when it runs too long', async () => {
  await withBench({ clock: { manual: true } }, async (bench, aws) => {
    const script = "import time; print('here', flush=True); time.sleep(60)";
    const started = (name: string) =>
      until(
        () => bench.lines('ProcessingJobs', name),
        (lines) => lines.includes('here'),
      );
    await process(bench, 'stop', script);
    await started('stop');
    await bench.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: 'stop' }));
    expect(await finished(bench, 'stop')).toMatchObject({ ProcessingJobStatus: 'Stopped' });
    await process(bench, 'long', script, { StoppingCondition: { MaxRuntimeInSeconds: 30 } });
    await started('long');
    await aws.clock.advance(30_000);
    expect(await finished(bench, 'long')).toMatchObject({ ProcessingJobStatus: 'Stopped' });
  });
});

test('what is missing or misplaced is named', async () => {
  await withBench({}, async (bench) => {
    await process(bench, 'nothing', '', { ProcessingInputs: [input('data', 's3://lab/not/there')] });
    expect((await finished(bench, 'nothing')).FailureReason).toBe(
      'ClientError: Failed to download data. No S3 objects found under S3 URL "s3://lab/not/there" (input "data")',
    );
    await expect(
      process(bench, 'place', '', {
        ProcessingInputs: [input('data', 's3://lab/x', { LocalPath: '/tmp/x' })],
      }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'LocalPath of input "data" must be an absolute path below /opt/ml/processing/, not "/tmp/x".',
    });
    await expect(describe(bench, 'unknown')).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Could not find requested job with name: unknown',
    });
    await expect(process(bench, 'nothing', '')).rejects.toMatchObject({ name: 'ResourceInUse' });
  });
});
