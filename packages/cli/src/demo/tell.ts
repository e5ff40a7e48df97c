import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JobRecord, WorkflowRun } from '@tidegate/local-github';

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
