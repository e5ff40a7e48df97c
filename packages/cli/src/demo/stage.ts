import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { formatRequirements, readRequirements } from '@tidegate/image';
import { startLocalGithub, type LocalGithub, type Progress } from '@tidegate/local-github';
import { prepareAccount } from '../local/account.ts';
import { startAwsProcess, type AwsProcess } from '../local/aws-process.ts';
import type { TimelineFact } from '../report/facts.ts';
import { createModelRepository, type ModelRepository } from './commits.ts';
import { cutFlights, type Flights } from './flights.ts';
import { startTraffic, type Tally, type Traffic } from './traffic.ts';

/** Everything that stands while the demo plays. */
export type Stage = {
  readonly aws: AwsProcess;
  readonly github: LocalGithub;
  readonly model: ModelRepository;
  readonly flights: Flights;
  startTraffic(file: string): Traffic;
  tally(): Tally;
  /** Resolves when so many more requests have been answered. */
  untilServed(requests: number): Promise<void>;
  deliver(month: 'april' | 'may'): Promise<void>;
  /** Moves AWS's clock. */
  monthsGoBy(days: number): Promise<void>;
  killAwsDuringCanary(): Promise<void>;
  timeline(): Promise<TimelineFact[]>;
  close(): Promise<void>;
};

const root = path.resolve(import.meta.dirname, '../../../..');
const example = path.join(root, 'workflows-examples', 'flight-delay');
const region = 'us-east-1';
const account = '123456789012';
const dataBucket = `flights-${account}`;
export const requestsPerSecond = 80;

/** Starts both servers in an empty folder, and makes what a platform engineer would have made in the account. */
export async function setStage(settings: {
  folder: string;
  clockSpeed: number;
  onSetUp: (text: string) => void;
  onProgress: (event: Progress) => void;
}): Promise<Stage> {
  const { folder, clockSpeed, onSetUp } = settings;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  onSetUp('starting the local AWS');
  const aws = await startAwsProcess({ directory: path.join(folder, 'aws'), clockSpeed: 1 });
  onSetUp('installing the Python packages of training and serving (the first time takes a minute)');
  const serving = path.join(example, 'serving');
  const [python] = await Promise.all(
    [
      readFileSync(path.join(example, 'model', 'requirements.txt'), 'utf8'),
      formatRequirements('tidegate', readRequirements(serving, 'requirements.txt'), serving),
    ].map(
      async (requirements) =>
        (await aws.control<{ executable: string }>('POST', 'python', { requirements })).executable,
    ),
  );
  onSetUp('cutting 3 million flights into months (the first time takes a few seconds)');
  const flights = await cutFlights(example, python!);
  const model = await createModelRepository(example, path.join(folder, 'flight-delay'));
  onSetUp('starting the local GitHub');
  const github = await startLocalGithub({
    directory: path.join(folder, 'github'),
    repositories: { 'acme/flight-delay': model.folder },
    actions: { 'tidegate/tidegate': root },
    environment: { AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: region },
    onProgress: settings.onProgress,
  });
  await prepareAccount(
    {
      issuer: github.serverUrl,
      repository: 'acme/flight-delay',
      workflowRoles: ['gate', 'ship'].map((role) => `arn:aws:iam::${account}:role/flight-delay-${role}`),
      serviceRoles: [`arn:aws:iam::${account}:role/flight-delay-sagemaker`],
      buckets: [dataBucket, `sagemaker-${region}-${account}`],
      imageRepositories: ['flight-delay', 'tidegate-analyser'],
    },
    { endpoint: aws.endpoint, region },
  );
  await flights.deliver('april', dataBucket, { endpoint: aws.endpoint, region });
  await aws.control('POST', 'clock', { speed: clockSpeed });

  let traffic: Traffic | undefined;
  const tally = () =>
    traffic?.tally() ?? { served: 0, errors: 0, lost: 0, resent: 0, p50Ms: NaN, p99Ms: NaN };
  const timeline = async () => await aws.control<TimelineFact[]>('GET', 'timeline');
  return {
    aws,
    github,
    model,
    flights,
    tally,
    timeline,
    startTraffic(file) {
      Object.assign(process.env, aws.environment);
      return (traffic = startTraffic({
        region,
        endpoint: 'flight-delay',
        file,
        perSecond: requestsPerSecond,
      }));
    },
    async untilServed(requests) {
      const from = tally().served;
      while (tally().served < from + requests) await pause(100);
    },
    deliver: async (month) => await flights.deliver(month, dataBucket, { endpoint: aws.endpoint, region }),
    async monthsGoBy(days) {
      await aws.control('POST', 'clock', { advanceSeconds: days * 86_400 });
    },
    async killAwsDuringCanary() {
      const shared = (entry: TimelineFact) =>
        Object.values(entry.traffic ?? {}).filter((share) => share > 0).length > 1;
      const before = (await timeline()).length;
      while (!(await timeline()).slice(before).some(shared)) await pause(50);
      await aws.killAndRestart();
      await aws.control('POST', 'clock', { speed: clockSpeed });
    },
    async close() {
      await traffic?.stop();
      await github.close();
      await aws.close();
    },
  };
}

export function pythonVersion(): string {
  return execFileSync(process.env['TIDEGATE_PYTHON'] ?? 'python3', ['--version'], { encoding: 'utf8' })
    .trim()
    .replace('Python ', '');
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
