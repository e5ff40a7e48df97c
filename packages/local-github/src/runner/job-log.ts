import { join } from 'node:path';
import { time } from '../host.ts';
import type { Conclusion, Progress, StepRecord } from '../records.ts';
import type { Job } from './job.ts';
import { openStepLog, type StepLog } from './step-log.ts';

/** Runs something as a step of the job that people see: a record, a log on disk, and progress as it happens. */
export async function jobLog(
  job: Job,
  name: string,
  body: (log: StepLog) => Promise<Conclusion>,
): Promise<Conclusion> {
  const { host, record } = job;
  const number = record.steps.length + 1;
  const step: StepRecord = {
    number,
    name,
    status: 'in_progress',
    conclusion: null,
    startedAt: time(host),
    completedAt: null,
    logFile: join(record.folder, 'logs', `${number}_${name.replaceAll(/[^\w.-]+/g, '-').slice(0, 60)}.txt`),
  };
  record.steps.push(step);
  const say = (status: Progress['status'], line?: string) =>
    host.progress({
      ...whereabouts(job),
      step: name,
      status,
      at: time(host),
      ...(line === undefined ? {} : { line }),
    });
  say('in_progress');
  const log = openStepLog({
    file: step.logFile,
    masks: job.masks,
    now: host.now,
    onLine: (line) => say('log', line),
  });
  try {
    step.conclusion = await body(log);
  } catch (error) {
    log.fail((error as Error).message);
    step.conclusion = 'failure';
  }
  step.status = 'completed';
  step.completedAt = time(host);
  record.annotations.push(...log.heard.annotations);
  log.close();
  job.save();
  say(step.conclusion);
  return step.conclusion;
}

export const whereabouts = ({ run, record }: Job): Pick<Progress, 'run' | 'job'> => ({
  run: { id: run.id, workflow: run.workflow, repository: run.repository },
  job: record.name,
});
