import type { WorkflowRun } from '@tidegate/local-github';
import { requestsPerSecond, type Stage } from './stage.ts';
import type { Traffic } from './traffic.ts';

/** One thing that happens to the model, and what must come of it. */
export type Chapter = {
  readonly title: string;
  readonly where: string;
  readonly expected: Readonly<Record<string, string>>;
  /** Said in front of the chapter, where it needs a word. */
  readonly word?: string;
  play(): Promise<{ run: WorkflowRun; pullRequest?: number }>;
};

const repository = 'acme/flight-delay';

/** A month's worth of requests has to fit into a few seconds. */
const busyPerSecond = 200;

/** The four commits and the months after them, in order. Each plays only after the one before has ended. */
export function scenario(stage: Stage, settings: { killDuringCanary: boolean }): Chapter[] {
  const { model, github, flights } = stage;
  let traffic: Traffic | undefined;
  const pushed = async (sha: string) => ({
    run: await only(github.push(repository, { branch: 'main', sha })),
  });
  return [
    {
      title: 'First model',
      where: 'main · model.yml',
      expected: { gate: 'pass', deploy: 'promoted' },
      async play() {
        const outcome = await pushed(await model.firstModel());
        traffic = stage.startTraffic(flights.requestsOfApril);
        return outcome;
      },
    },
    {
      title: 'Drop a feature',
      where: 'pull request · model.yml',
      expected: { gate: 'fail' },
      async play() {
        const { branch, sha } = await model.dropFeature();
        await github.push(repository, { branch, sha });
        const { number, runs } = await github.openPullRequest(repository, {
          head: branch,
          base: 'main',
          title: 'Drop a feature',
        });
        return { run: one(runs), pullRequest: number };
      },
    },
    {
      title: 'Tidy inference.py',
      where: 'main · model.yml',
      expected: { gate: 'pass', deploy: 'rolled-back' },
      async play() {
        const killed = settings.killDuringCanary ? stage.killAwsDuringCanary() : undefined;
        const outcome = await pushed(await model.tidyInference());
        await killed;
        return outcome;
      },
    },
    {
      title: 'Revert "Tidy inference.py"',
      where: 'main · model.yml',
      expected: { gate: 'pass', deploy: 'no-op' },
      play: async () => await pushed(await model.revert()),
    },
    {
      title: 'Spring',
      where: 'production · drift.yml',
      word: 'a month goes by; in May fewer flights are late',
      expected: { drift: 'drift', gate: 'pass', deploy: 'promoted' },
      async play() {
        await stage.monthsGoBy(30);
        traffic?.replay(flights.requestsOfMay);
        traffic?.pace(busyPerSecond);
        await stage.untilServed(1_600);
        traffic?.pace(requestsPerSecond);
        await stage.deliver('may');
        return { run: await only(github.schedule(repository, 'drift.yml')) };
      },
    },
  ];
}

async function only(runs: Promise<WorkflowRun[]>): Promise<WorkflowRun> {
  return one(await runs);
}

function one(runs: readonly WorkflowRun[]): WorkflowRun {
  const [run, ...others] = runs;
  if (run === undefined || others.length > 0)
    throw new Error(`one workflow run was to start, and ${runs.length} did`);
  return run;
}
