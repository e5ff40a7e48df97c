import { cpus, platform, release } from 'node:os';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseCommandLine, parsePositive } from './arguments.ts';
import { comment } from '../demo/comment.ts';
import { scenario, type Chapter } from '../demo/scenario.ts';
import { pythonVersion, setStage, type Stage } from '../demo/stage.ts';
import { reportsOf, verdictsOf } from '../demo/tell.ts';
import { watchSteps } from '../demo/watch-steps.ts';
import type { ChapterFact, Facts, StepFact } from '../report/facts.ts';
import { renderReport } from '../report/render.ts';
import { showProgress } from '../terminal/progress.ts';
import { chapterHeading, stepLine, summaryTable } from '../terminal/story.ts';
import { elapsed } from '../terminal/style.ts';
import { version } from '../version.ts';

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseCommandLine(args, {
    json: { type: 'string' },
    report: { type: 'string' },
    'clock-speed': { type: 'string', default: '30' },
    'kill-during-canary': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  });
  const clockSpeed = parsePositive('clock-speed', values['clock-speed']);
  const folder = path.resolve('.tidegate', 'demo');
  const progress = showProgress();
  const startedAt = new Date();
  const began = performance.now();
  progress.line('Tidegate demo: four commits of flight-delay, on this machine. Nothing leaves it.');
  let steps: StepFact[] = [];
  const watcher = watchSteps({
    doing: (text) => progress.now(text),
    ended(step) {
      steps.push(step);
      progress.line(stepLine(step));
    },
  });
  const stage = await setStage({
    folder,
    clockSpeed,
    onSetUp: (text) => progress.now(text),
    onProgress: watcher.onProgress,
  });
  try {
    const ready = performance.now();
    progress.line(
      `local AWS  ${stage.aws.endpoint}   local GitHub  ${stage.github.serverUrl}   clock ×${clockSpeed}   set-up ${elapsed(ready - began)}\n`,
    );
    const chapters: ChapterFact[] = [];
    for (const chapter of scenario(stage, { killDuringCanary: values['kill-during-canary'] })) {
      progress.line(chapterHeading(chapter, chapters.length + 1));
      steps = [];
      const fact = { ...(await play(chapter, stage)), steps };
      if (fact.comment !== undefined)
        progress.line('             → the pull request’s one comment says why; nothing is deployed');
      chapters.push(fact);
    }
    progress.now('collecting the facts');
    const facts: Facts = {
      version: 1,
      tidegate: version,
      startedAt: startedAt.toISOString(),
      seconds: (performance.now() - ready) / 1000,
      setUpSeconds: (ready - began) / 1000,
      clockSpeed,
      machine: {
        node: process.version,
        python: pythonVersion(),
        platform: `${platform()} ${release()}`,
        cpus: cpus().length,
      },
      verdicts: chapters.flatMap(({ verdicts }) =>
        Object.entries(verdicts).map(([kind, verdict]) => `${kind}: ${verdict}`),
      ),
      asExpected: chapters.every(({ verdicts, expected }) =>
        Object.entries(expected).every(([kind, verdict]) => verdicts[kind] === verdict),
      ),
      requests: stage.tally(),
      chapters,
      timeline: await stage.timeline(),
    };
    const report = path.resolve(values.report ?? path.join(folder, 'report.html'));
    write(report, renderReport(facts));
    if (values.json !== undefined) write(path.resolve(values.json), `${JSON.stringify(facts, null, 2)}\n`);
    progress.end();
    for (const line of summaryTable(facts, path.relative('.', report))) console.log(line);
    if (values.keep) await keepUntilInterrupted(stage);
    return facts.asExpected && facts.requests.lost === 0 ? 0 : 1;
  } finally {
    progress.end();
    await stage.close();
  }
}

async function play(chapter: Chapter, stage: Stage): Promise<Omit<ChapterFact, 'steps'>> {
  const began = performance.now();
  const startedAt = await awsTime(stage);
  const { run, pullRequest } = await chapter.play();
  const said =
    pullRequest === undefined ? undefined : await comment(stage.github, 'acme/flight-delay', pullRequest);
  return {
    title: chapter.title,
    where: chapter.where,
    sha: run.headSha,
    startedAt,
    completedAt: await awsTime(stage),
    seconds: (performance.now() - began) / 1000,
    verdicts: verdictsOf(run),
    expected: chapter.expected,
    reports: reportsOf(run),
    ...(said === undefined ? {} : { comment: said }),
  };
}

async function awsTime(stage: Stage): Promise<number> {
  const { time } = await stage.aws.control<{ time: string }>('GET', 'health');
  return Date.parse(time);
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function keepUntilInterrupted(stage: Stage): Promise<void> {
  for (const [name, value] of Object.entries(stage.aws.environment)) console.log(`export ${name}=${value}`);
  console.log('Both servers stay until Ctrl-C.');
  await new Promise((resolve) => process.once('SIGINT', resolve));
}
