import type { Job } from '../runner/job.ts';
import { checkout } from './checkout.ts';

export type BuiltinRequest = {
  job: Job;
  input: (name: string) => string;
  say: (line: string) => void;
  environment: Record<string, string>;
};

export type BuiltinResult = { outputs?: Record<string, string>; post?: () => Promise<void> };

/** A stand-in for an action of others that stranger workflows cannot do without; throws to fail its step. */
export type Builtin = (request: BuiltinRequest) => Promise<BuiltinResult>;

export const BUILTINS: Record<string, Builtin> = { 'actions/checkout': checkout };
