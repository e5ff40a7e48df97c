import type { Job } from '../runner/job.ts';
import { cache, restoreCache, saveCache } from './cache.ts';
import { checkout } from './checkout.ts';
import { configureAwsCredentials } from './configure-aws-credentials.ts';
import { downloadArtifact } from './download-artifact.ts';
import { setupNode } from './setup-node.ts';
import { setupPython } from './setup-python.ts';
import { uploadArtifact } from './upload-artifact.ts';

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

export const BUILTINS: Record<string, Builtin> = {
  'actions/checkout': checkout,
  'actions/setup-node': setupNode,
  'actions/setup-python': setupPython,
  'actions/upload-artifact': uploadArtifact,
  'actions/download-artifact': downloadArtifact,
  'actions/cache': cache,
  'actions/cache/restore': restoreCache,
  'actions/cache/save': saveCache,
  'aws-actions/configure-aws-credentials': configureAwsCredentials,
};
