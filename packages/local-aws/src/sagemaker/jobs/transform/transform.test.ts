import { expect, test } from '@jest/globals';
import {
  CreateModelCommand,
  CreateTransformJobCommand,
  DescribeTransformJobCommand,
  type CreateTransformJobRequest,
  type DescribeTransformJobResponse,
} from '@aws-sdk/client-sagemaker';
import { archive } from '../../testing/archive.ts';
import { until, withBench, type Bench } from '../testing/bench.ts';
import { pushImage } from '../../testing/push-image.ts';

/** Adds the model's number to each line; a line `bad` is answered 400. */
const server = `
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
plus = int(open(os.path.join(os.environ['SAGEMAKER_BASE_DIR'], 'model', 'plus.txt')).read())
class Handler(BaseHTTPRequestHandler):
    def reply(self, status, text):
        self.send_response(status)
        self.send_header('content-length', str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    def do_GET(self):
        self.reply(200, '')
    def do_POST(self):
        lines = self.rfile.read(int(self.headers['content-length'])).decode().split('\\n')
        print('records', len(lines), flush=True)
        if 'bad' in lines: return self.reply(400, 'not a number')
        self.reply(200, '\\n'.join(str(int(line.split(',')[-1]) + plus) for line in lines))
    def log_message(self, *args): pass
HTTPServer(('127.0.0.1', int(os.environ['SAGEMAKER_BIND_TO_PORT'])), Handler).serve_forever()
`;

async function withModel(body: (bench: Bench) => Promise<void>) {
  await withBench({}, async (bench, aws) => {
    const image = await pushImage(aws.endpoint, 'adder', await archive({ 'opt/server.py': server }), {
      Entrypoint: ['python', '/opt/server.py'],
    });
    await bench.put('model.tar.gz', await archive({ 'plus.txt': '10' }));
    await bench.sagemaker.send(
      new CreateModelCommand({
        ModelName: 'adder',
        ExecutionRoleArn: bench.role,
        PrimaryContainer: { Image: image, ModelDataUrl: 's3://lab/model.tar.gz' },
      }),
    );
    await body(bench);
  });
}

async function transform(bench: Bench, name: string, changes: Partial<CreateTransformJobRequest> = {}) {
  await bench.sagemaker.send(
    new CreateTransformJobCommand({
      TransformJobName: name,
      ModelName: 'adder',
      TransformInput: {
        ContentType: 'text/csv',
        SplitType: 'Line',
        DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://lab/in' } },
      },
      TransformOutput: { S3OutputPath: 's3://lab/out', AssembleWith: 'Line' },
      TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
      ...changes,
    }),
  );
  const isOver = ({ TransformJobStatus: status }: DescribeTransformJobResponse) => status !== 'InProgress';
  return until(
    () => bench.sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: name })),
    isOver,
  );
}

test('every object is sent record by record or many at a time, and gets an .out beside its name', async () => {
  await withModel(async (bench) => {
    await bench.put('in/a.csv', '1\n2\n3\n');
    await bench.put('in/deep/b.csv', '4\n');
    expect(await transform(bench, 'many')).toMatchObject({ TransformJobStatus: 'Completed' });
    expect([await bench.text('out/a.csv.out'), await bench.text('out/deep/b.csv.out')]).toEqual([
      '11\n12\n13\n',
      '14\n',
    ]);
    expect((await bench.lines('TransformJobs', 'many')).filter((line) => line.startsWith('records'))).toEqual(
      ['records 3', 'records 1'],
    );
    await transform(bench, 'single', {
      BatchStrategy: 'SingleRecord',
      TransformOutput: { S3OutputPath: 's3://lab/one', AssembleWith: 'Line' },
    });
    expect(await bench.text('one/a.csv.out')).toBe('11\n12\n13\n');
    expect(
      (await bench.lines('TransformJobs', 'single')).filter((line) => line.startsWith('records')),
    ).toHaveLength(4);
  });
});

test('predictions are joined to their records, and filters choose columns', async () => {
  await withModel(async (bench) => {
    await bench.put('in/a.csv', 'id1,1\nid2,2\n');
    const job = await transform(bench, 'joined', {
      DataProcessing: { InputFilter: '$[1:]', JoinSource: 'Input', OutputFilter: '$[0,-1]' },
    });
    expect(job).toMatchObject({ TransformJobStatus: 'Completed' });
    expect(await bench.text('out/a.csv.out')).toBe('id1,11\nid2,12\n');
  });
});

test('an object that the model refuses fails the job; the others are written all the same', async () => {
  await withModel(async (bench) => {
    await bench.put('in/a.csv', 'bad\n');
    await bench.put('in/b.csv', '5\n');
    expect(await transform(bench, 'half')).toMatchObject({
      TransformJobStatus: 'Failed',
      FailureReason: 'ClientError: See job logs for more information',
    });
    expect(await bench.text('out/b.csv.out')).toBe('15\n');
    await expect(bench.text('out/a.csv.out')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const said = (await bench.lines('TransformJobs', 'half')).map((line) =>
      line.replace(/^.*\[sagemaker logs\]: /, ''),
    );
    expect(said).toEqual(
      expect.arrayContaining(['lab/in/a.csv: ClientError: 400', 'lab/in/a.csv: not a number']),
    );
  });
});
