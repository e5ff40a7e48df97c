import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JobRecord, WorkflowRun } from '@tidegate/local-github';
import type { StepFact } from '../report/facts.ts';

/** The steps of a run that ran one of our actions, in order, with what each said of itself. */
export function stepsOf(run: WorkflowRun): StepFact[] {
  return run.jobs.flatMap((job) =>
    job.steps.flatMap((step): StepFact[] => {
      const action = actionOf(step.logFile);
      if (action === undefined || step.conclusion === 'skipped') return [];
      return [
        {
          action,
          conclusion: step.conclusion ?? 'unknown',
          seconds: (Date.parse(step.completedAt ?? '') - Date.parse(step.startedAt ?? '')) / 1000,
          sentence: sentenceOf(step.logFile),
        },
      ];
    }),
  );
}

/** The JSON reports that a run's actions left on their runners, by action. */
export function reportsOf(run: WorkflowRun): Record<string, unknown> {
  return Object.fromEntries(
    run.jobs
      .flatMap((job) => reportFiles(job))
      .map((file) => [path.basename(file, '.json'), JSON.parse(readFileSync(file, 'utf8')) as unknown]),
  );
}

/** Verdicts of the workflow's own outputs, by kind. */
export function verdictsOf(run: WorkflowRun): Record<string, string> {
  const outputs = Object.assign({}, ...Object.values(run.outputs)) as Record<string, string>;
  const { gate, drift, verdict, passed } = outputs;
  if (passed !== undefined && gate === undefined) return { gate: verdict ?? '' };
  return Object.fromEntries(
    Object.entries({ drift, gate, deploy: verdict }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}

function reportFiles({ folder }: JobRecord): string[] {
  const reports = path.join(folder, 'temp', 'tidegate');
  return existsSync(reports)
    ? readdirSync(reports)
        .filter((name) => name.endsWith('.json'))
        .map((name) => path.join(reports, name))
    : [];
}

function actionOf(logFile: string): string | undefined {
  return /\$\/actions\/([\w-]+)/.exec(firstLines(logFile))?.[1];
}

/** An action ends with one sentence: a notice, or the error that failed it. */
function sentenceOf(logFile: string): string {
  const lines = [...readFileSync(logFile, 'utf8').matchAll(/##\[(?:notice|error)\](.*)/g)].map(([, text]) =>
    text!.trim(),
  );
  return lines.filter((text) => !text.startsWith('Process completed with exit code')).at(-1) ?? '';
}

function firstLines(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').slice(0, 2000) : '';
}
