import { holds, type Contexts, type Functions } from '../expressions/evaluate.ts';
import { hashFiles } from '../expressions/hash-files.ts';
import type { Json } from '../expressions/values.ts';
import type { Job, Scope } from './job.ts';

/** What a step's expressions can see. */
export function stepContexts(job: Job, scope: Scope, env: Record<string, string>): Contexts {
  const { action } = scope;
  const own = action && {
    action_path: action.folder,
    action_repository: action.repository,
    action_ref: action.ref,
    action_status: action.status,
  };
  return {
    ...job.contexts,
    github: { ...job.contexts.github, ...own },
    inputs: scope.inputs,
    steps: scope.steps,
    env,
    job: jobContext(job),
    runner: runnerContext(job),
  };
}

const jobContext = (job: Job): Json => ({
  status: job.status,
  check_run_id: job.record.id,
  workflow_ref: `${job.source.repository}/${job.contexts.github['workflow_path'] as string}@${job.source.ref}`,
  workflow_sha: job.source.sha,
  workflow_repository: job.source.repository,
  container: {},
  services: {},
});

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macOS', win32: 'Windows' };
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'X64', arm64: 'ARM64' };
export const RUNNER_OS = SYSTEMS[process.platform] ?? 'Linux';
const RUNNER_ARCH = ARCHITECTURES[process.arch] ?? process.arch.toUpperCase();

export const RUNNER_ENVIRONMENT = 'self-hosted';

export const runnerContext = (job: Job) => ({
  name: 'local',
  os: RUNNER_OS,
  arch: RUNNER_ARCH,
  temp: job.temporary,
  tool_cache: `${job.host.directory}/tools`,
  environment: RUNNER_ENVIRONMENT,
  debug: '',
  workspace: job.workspace,
});

/** Status functions of a step; in a composite action success and failure are about its own steps so far. */
export const stepFunctions = (job: Job, scope: Scope): Functions => {
  const status = () => (job.status === 'cancelled' ? 'cancelled' : (scope.action?.status ?? job.status));
  return {
    success: () => status() === 'success',
    failure: () => status() === 'failure',
    cancelled: () => job.status === 'cancelled',
    always: () => true,
    hashFiles: (...patterns) => hashFiles(job.workspace, patterns.map(String)),
  };
};

export const stepHolds = (
  job: Job,
  scope: Scope,
  condition: Json | undefined,
  env: Record<string, string>,
): boolean => holds(condition, stepContexts(job, scope, env), stepFunctions(job, scope));
