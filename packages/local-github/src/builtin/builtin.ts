import type { Job } from '../runner/job.ts';

export type BuiltinRequest = {
  job: Job;
  /** An input as it was given, or the empty string. */
  input: (name: string) => string;
  /** Writes to the step's log. */
  say: (line: string) => void;
  warn: (message: string) => void;
  environment: Record<string, string>;
  /** Aborted when the job is cancelled. */
  signal: AbortSignal;
};

export type BuiltinResult = { outputs?: Record<string, string>; post?: () => Promise<void> };

/** A stand-in for an action of others that workflows cannot do without; throws to fail its step. */
export type Builtin = (request: BuiltinRequest) => Promise<BuiltinResult>;
