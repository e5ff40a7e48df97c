import type { JsonObject } from '../expressions/values.ts';
import type { Plan } from '../plan/plan.ts';
import type { Conclusion } from '../records.ts';
import type { Live } from './live.ts';

/** One workflow of a run: the one that an event started, or one that a job calls. */
export type WorkflowScope = {
  live: Live;
  plan: Plan;
  inputs: JsonObject;
  secrets: JsonObject;
  github: JsonObject;
  /** The names of the jobs that called, outermost first. */
  callers: string[];
  /** Concurrency groups that this run already holds. */
  held: string[];
  /** Aborted when the job that called is cancelled. */
  signal: AbortSignal;
};

export type JobResult = { result: Conclusion; outputs: Record<string, string> };
