import { join } from 'node:path';
import { time, type Host, type LiveRun } from '../host.ts';
import type { Conclusion, JobRecord, Progress, WorkflowRun } from '../records.ts';
import type { StepShape } from '../workflow/shape.ts';

/** A run under way, as its jobs see it: they add their records here and hear when they are cancelled. */
export type Live = Omit<LiveRun, 'finished'> & {
  host: Host;
  signal: AbortSignal;
  forced: AbortController;
  job: (name: string, steps: StepShape[]) => JobRecord;
  controllerOf: (jobId: number) => AbortController;
  cancelJob: (jobId: number) => void;
  /** Records a job that never ran; `callers` are the names of the jobs that called its workflow, outermost first. */
  skip: (callers: readonly string[], name: string, conclusion: Conclusion) => void;
  fail: (callers: readonly string[], name: string, reason: string) => void;
  ended: (record: JobRecord, conclusion: Conclusion) => void;
  say: (record: JobRecord, message: string) => void;
  save: () => void;
  /** Saves, and says where the run as a whole is. */
  announce: () => void;
};

export function createLive(host: Host, run: WorkflowRun): Live {
  const controller = new AbortController();
  const forced = new AbortController();
  const jobs = new Map<number, AbortController>();
  const save = () => void host.runs.put(run.id, run);
  const progress = (record: JobRecord, status: Progress['status']) =>
    host.progress({
      run: { id: run.id, workflow: run.workflow, repository: run.repository },
      job: record.name,
      status,
      at: time(host),
    });

  const job = (name: string): JobRecord => {
    const id = host.store.nextId('job');
    const folder = join(host.directory, 'runs', String(run.id), String(run.attempt), String(id));
    const record: JobRecord = {
      id,
      name,
      status: 'queued',
      conclusion: null,
      startedAt: null,
      completedAt: null,
      outputs: {},
      steps: [],
      annotations: [],
      summary: '',
      environment: null,
      folder,
    };
    run.jobs.push(record);
    jobs.set(id, new AbortController());
    save();
    return record;
  };

  const ended = (record: JobRecord, conclusion: Conclusion) => {
    record.status = 'completed';
    record.conclusion = conclusion;
    record.completedAt = time(host);
    record.startedAt ??= record.completedAt;
    save();
    progress(record, conclusion);
  };

  const say = (record: JobRecord, message: string) => {
    record.annotations.push({ level: 'failure', message, title: '', file: '.github', line: 1 });
    run.errors.push(`${record.name}: ${message}`);
  };

  const never = (callers: readonly string[], name: string) => job([...callers, name].join(' / '));

  return {
    host,
    run,
    signal: controller.signal,
    forced,
    job,
    controllerOf: (id) => jobs.get(id) ?? new AbortController(),
    cancelJob: (id) => jobs.get(id)?.abort(),
    skip: (callers, name, conclusion) => ended(never(callers, name), conclusion),
    fail(callers, name, reason) {
      const record = never(callers, name);
      say(record, reason);
      ended(record, 'failure');
    },
    ended,
    say,
    save,
    announce() {
      save();
      const { id, workflow, repository } = run;
      host.progress({
        run: { id, workflow, repository },
        status: run.conclusion ?? run.status,
        at: time(host),
      });
    },
    // Asked a second time, it ends the post steps too, as GitHub's force-cancel does.
    cancel(reason) {
      if (controller.signal.aborted) return forced.abort();
      run.errors.push(reason);
      controller.abort();
    },
  };
}
