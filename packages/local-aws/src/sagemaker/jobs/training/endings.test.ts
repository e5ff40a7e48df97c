import { expect, test } from '@jest/globals';
import { StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { until, withBench } from '../testing/bench.ts';

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
    await until(
      () => bench.lines('TrainingJobs', 'stopped'),
      (lines) => lines.includes('waiting'),
    );
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
    await expect(
      bench.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The request was rejected because the training job is in status Stopped.',
    });
  });
});

test('a program that does not heed SIGTERM is killed after two minutes of the clock', async () => {
  await withBench({ clock: { manual: true } }, async (bench, aws) => {
    await bench.train('deaf', {
      'train.py':
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf')\nwhile True: time.sleep(0.05)",
    });
    await until(
      () => bench.lines('TrainingJobs', 'deaf'),
      (lines) => lines.includes('deaf'),
    );
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
    await until(
      () => bench.lines('TrainingJobs', 'long'),
      (lines) => lines.includes('waiting'),
    );
    await aws.clock.advance(60_000);
    const job = await bench.untilTraining('long');
    expect([job.TrainingJobStatus, job.SecondaryStatus]).toEqual(['Stopped', 'MaxRuntimeExceeded']);
    expect([job.TrainingTimeInSeconds, job.BillableTimeInSeconds]).toEqual([60, 60]);
  });
});

test('on a fast clock a job has its own, real seconds', async () => {
  await withBench({ clock: { speed: 1000 } }, async (bench) => {
    await bench.train(
      'fast',
      { 'train.py': "import time; time.sleep(0.3); print('done')" },
      { StoppingCondition: { MaxRuntimeInSeconds: 100 } },
    );
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
    await bench.train(
      'spot',
      { 'train.py': script },
      {
        HyperParameters: { checkpoints: '/opt/ml/checkpoints' },
        EnableManagedSpotTraining: true,
        StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 600 },
        CheckpointConfig: { S3Uri: 's3://lab/checkpoints/spot' },
      },
    );
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
    expect(await bench.lines('TrainingJobs', 'spot')).toEqual([
      'from 0',
      'epoch 1',
      'from 1',
      'epoch 2',
      'epoch 3',
    ]);
    expect(job.BillableTimeInSeconds).toBeLessThanOrEqual(job.TrainingTimeInSeconds ?? 0);
  });
});

test('without capacity a job fails, and a spot job waits as long as it may', async () => {
  await withBench({ clock: { manual: true } }, async (bench, aws) => {
    aws.faults.add({ operation: 'CreateTrainingJob', effect: 'capacity' });
    await bench.train('none', { 'train.py': 'print(1)' });
    expect((await bench.untilTraining('none')).FailureReason).toMatch(/^CapacityError: /);
    await bench.train(
      'never',
      { 'train.py': 'print(1)' },
      {
        EnableManagedSpotTraining: true,
        StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 90 },
      },
    );
    await aws.clock.advance(90_000);
    const job = await bench.untilTraining('never');
    expect([job.TrainingJobStatus, job.SecondaryStatus]).toEqual(['Stopped', 'MaxWaitTimeExceeded']);
  });
});
