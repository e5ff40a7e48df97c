import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { isRunning } from '../../runtime/orphans.ts';
import { openBench, pythonImage, until } from './testing/bench.ts';

const main = new URL('../../main.ts', import.meta.url).pathname;

/** The local AWS as a process of its own, which can be killed. */
async function startServer(directory: string): Promise<{ endpoint: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [main, '--directory', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { endpoint: (JSON.parse(line) as { endpoint: string }).endpoint, child };
}

async function kill(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Says its process id; the first time waits to be killed, later times goes on from what it saved. */
const script = `
import os, sys, time
path = os.path.join(sys.argv[sys.argv.index('--checkpoints') + 1], 'seen')
again = os.path.exists(path)
open(path, 'a').write('x')
print(f'pid {os.getpid()} again {again}')
if not again: time.sleep(600)
open(os.path.join(os.environ['SM_MODEL_DIR'], 'model.txt'), 'w').write('done')
`;

test('kill -9 in the middle of jobs: what ran is ended, the jobs run again to their end, and a stop is not forgotten', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidegate-resume-'));
  let server = await startServer(directory);
  try {
    let bench = await openBench(server);
    await bench.prepare();
    const checkpoints = {
      HyperParameters: { checkpoints: '/opt/ml/checkpoints' },
      CheckpointConfig: { S3Uri: 's3://lab/checkpoints' },
    };
    await bench.train('again', { 'train.py': script }, checkpoints);
    await bench.train('stopped', {
      'train.py':
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf')\nwhile True: time.sleep(0.05)",
    });
    await bench.put('code/main.py', "import os; print('processed', os.environ['WHO'])");
    const lines = (name: string) => bench.lines('TrainingJobs', name);
    const [said = ''] = await until(
      () => lines('again'),
      (all) => all.length > 0,
    );
    await until(
      () => lines('stopped'),
      (all) => all.includes('deaf'),
    );
    await bench.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' }));
    await bench.sagemaker.send(
      new CreateProcessingJobCommand({
        ProcessingJobName: 'step',
        RoleArn: bench.role,
        AppSpecification: {
          ImageUri: pythonImage,
          ContainerEntrypoint: ['python', '/opt/ml/processing/input/code/main.py'],
        },
        ProcessingResources: {
          ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
        },
        ProcessingInputs: [
          {
            InputName: 'code',
            S3Input: {
              S3Uri: 's3://lab/code/main.py',
              LocalPath: '/opt/ml/processing/input/code',
              S3DataType: 'S3Prefix',
              S3InputMode: 'File',
            },
          },
        ],
        Environment: { WHO: 'me' },
      }),
    );
    await kill(server.child);
    bench.close();
    const [, pid] = /^pid (\d+) again False$/.exec(said) ?? [];
    expect(isRunning(Number(pid))).toBe(true);

    server = await startServer(directory);
    bench = await openBench(server);
    const job = await bench.untilTraining('again');
    expect([job.TrainingJobStatus, job.FailureReason]).toEqual(['Completed', undefined]);
    expect((await bench.lines('TrainingJobs', 'again')).at(-1)).toMatch(/^pid \d+ again True$/);
    await until(
      async () => isRunning(Number(pid)),
      (alive) => !alive,
    );
    expect((await bench.untilTraining('stopped')).SecondaryStatus).toBe('Stopped');
    const step = await until(
      () => bench.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: 'step' })),
      ({ ProcessingJobStatus: status }) => status !== 'InProgress',
    );
    expect(step.ProcessingJobStatus).toBe('Completed');
    expect((await bench.lines('ProcessingJobs', 'step')).at(-1)).toBe('processed me');
    bench.close();
  } finally {
    await kill(server.child);
    await rm(directory, { recursive: true, force: true });
  }
});
