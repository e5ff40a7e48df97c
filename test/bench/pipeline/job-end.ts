import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { SageMakerClient, waitUntilTrainingJobCompletedOrStopped } from '@aws-sdk/client-sagemaker';
import { connect, openNetwork, trainingJobs, type Aws } from '@tidegate/aws';
import { startAwsProcess, type AwsProcess } from '@tidegate/cli';
import { train, type Log, type TrainSettings } from '@tidegate/pipeline';
import { median, spread, type Row, type Section } from './measure.ts';

const rounds = 9;
const goalMs = 50;
const role = 'arn:aws:iam::123456789012:role/bench';
// It ends at a moment that no poller can know: a fixed length would favour whoever happens to look then.
const script = 'import sys, time\ntime.sleep(float(sys.argv[sys.argv.index("--seconds") + 1]))\n';

/** How long after AWS has written a training job down as Completed the next step can begin. */
export async function jobEnd(): Promise<Section> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-bench-'));
  const local = await startAwsProcess({ directory: path.join(folder, 'aws'), clockSpeed: 1 });
  Object.assign(process.env, local.environment);
  try {
    const trust = {
      Effect: 'Allow',
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
    };
    await new IAMClient({}).send(
      new CreateRoleCommand({
        RoleName: 'bench',
        AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
      }),
    );
    writeFileSync(path.join(folder, 'train.py'), script);
    const settings = settingsOf(folder);
    const aws = connect();
    const { sourceUri, image } = await train(
      { ...settings, hyperparameters: { seconds: '0' } },
      { aws, log, signal: new AbortController().signal },
    );
    const contenders = contendersOf({ aws, settings, sourceUri: sourceUri!, image });
    const lateness = await race(contenders, local);
    return section(lateness, aws);
  } finally {
    await local.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Trains a job of that length, and resolves to the job's name when the next step could begin. */
type Contender = { name: string; run: (seconds: string) => Promise<string>; patient?: boolean };

function contendersOf(on: {
  aws: Aws;
  settings: TrainSettings;
  sourceUri: string;
  image: string;
}): Contender[] {
  const { aws, settings, sourceUri, image } = on;
  const client = new SageMakerClient({});
  const waiter = (name: string, patience: { minDelay?: number }): Contender => ({
    name,
    patient: patience.minDelay === undefined,
    async run(seconds) {
      const job = `waiter-${patience.minDelay ?? 'default'}-${seconds.replace('.', '-')}`;
      await trainingJobs(aws).create({
        name: job,
        roleArn: role,
        image,
        instanceType: settings.instanceType,
        instanceCount: 1,
        volumeGb: settings.volumeGb,
        hyperparameters: { seconds, sagemaker_program: 'train.py', sagemaker_submit_directory: sourceUri },
        environment: {},
        channels: {},
        outputUri: 's3://sagemaker-us-east-1-123456789012/bench',
        maxRuntimeSeconds: 60,
        metrics: [],
        network: openNetwork,
        tags: {},
      });
      await waitUntilTrainingJobCompletedOrStopped(
        { client, maxWaitTime: 600, ...patience },
        { TrainingJobName: job },
      );
      return job;
    },
  });
  return [
    {
      name: 'train()',
      async run(seconds) {
        const { jobName } = await train(
          { ...settings, hyperparameters: { seconds } },
          { aws, log, signal: new AbortController().signal },
        );
        return jobName;
      },
    },
    waiter('SDK waiter, minDelay 1', { minDelay: 1 }),
    waiter('SDK waiter, as it comes', {}),
  ];
}

/** Each round, a job of the same length for each; those that look every two minutes are left waiting beside the others. */
async function race(contenders: readonly Contender[], local: AwsProcess): Promise<Map<string, number[]>> {
  const lateness = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  const pending: Promise<void>[] = [];
  for (let round = 0; round < rounds; round++) {
    const seconds = (1 + 0.217 * round).toFixed(3);
    for (const { name, run, patient } of contenders) {
      const late = run(seconds)
        .then(async (job) => ({ job, at: Date.now() }))
        .then(async ({ job, at }) => void lateness.get(name)!.push(at - (await completedAt(job, local))));
      pending.push(late);
      if (patient !== true) await late;
    }
  }
  await Promise.all(pending);
  return lateness;
}

/** When the local AWS wrote the job down as Completed, by our clock. */
async function completedAt(job: string, local: AwsProcess): Promise<number> {
  const timeline = await local.control<{ kind: string; name: string; state: string; at: number }[]>(
    'GET',
    'timeline',
  );
  const end = timeline.find(({ name, state }) => name === job && state === 'Completed');
  if (end === undefined) throw new Error(`${job} has not ended as Completed`);
  return end.at - (await aheadOfUs(local));
}

/** How far the server's clock is ahead of ours, by the quickest of a few looks. */
async function aheadOfUs(local: AwsProcess): Promise<number> {
  const looks = [];
  for (let look = 0; look < 5; look++) {
    const asked = Date.now();
    const { time } = await local.control<{ time: string }>('GET', 'health');
    const answered = Date.now();
    looks.push({ took: answered - asked, ahead: Date.parse(time) - (asked + answered) / 2 });
    await pause(1);
  }
  return looks.sort((a, b) => a.took - b.took)[0]!.ahead;
}

function section(lateness: Map<string, number[]>, aws: Aws): Section {
  const [[, ours], ...others] = [...lateness] as [[string, number[]], ...[string, number[]][]];
  const met = median(ours) <= goalMs;
  const row: Row = {
    what: 'from Completed to the next step',
    ours: spread(ours),
    peers: others.map(([what, values]) => ({ what, figure: spread(values) })),
    goal: `≤ ${goalMs} ms`,
    met,
  };
  return {
    title: 'From a training job’s end to the next step',
    how: `Jobs of 1 to ${(1 + 0.217 * (rounds - 1)).toFixed(1)} s, the same lengths for each, on the local AWS in real time. It begins when the server has written \`Completed\` down (its own timeline) and ends when \`train()\`, or the SDK’s \`waitUntilTrainingJobCompletedOrStopped\`, returns. \`train()\` has by then also read the log to its end. Without \`minDelay\` the waiter looks every two minutes; those waits run beside the others.`,
    rows: [row],
    ...(!met && {
      missed: `by ${(median(ours) - goalMs).toFixed(0)} ms. We look every ${Math.max(25, 20 * aws.roundTripMs()).toFixed(0)} ms here (20 round trips of ${aws.roundTripMs().toFixed(1)} ms), so half of that is waited on average; then the log’s end is read.`,
    }),
  };
}

const nothing = () => {};
const log: Log = {
  info: nothing,
  notice: nothing,
  warning: nothing,
  untrusted: nothing,
  group: async (_, body) => await body(),
};

function settingsOf(folder: string): TrainSettings {
  return {
    model: 'bench',
    roleArn: role,
    image: 'scikit-learn:1.4',
    source: { folder, entry: 'train.py', exclude: ['aws'] },
    instanceType: 'ml.m5.xlarge',
    instanceFallbacks: [],
    capacityWait: 0,
    instanceCount: 1,
    volumeGb: 30,
    hyperparameters: {},
    environment: {},
    data: {},
    metrics: {},
    maxRuntime: 60_000,
    spot: undefined,
    checkpointUri: undefined,
    bucket: undefined,
    network: openNetwork,
    tags: {},
    provenance: {
      commit: '3f2a9c1d5b7e8f60123456789abcdef012345678',
      repository: 'tidegate/tidegate',
      runId: '1',
      runUrl: 'https://github.com/tidegate/tidegate/actions/runs/1',
    },
  };
}
