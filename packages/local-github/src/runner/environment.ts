import { delimiter, dirname, join } from 'node:path';
import { asText } from '../expressions/values.ts';
import type { CommandFiles } from './command-file.ts';
import { runnerContext } from './contexts.ts';
import type { Job } from './job.ts';

/** Of this process's own variables a step gets these, and nothing else: no step may see the caller's secrets. */
const INHERITED = ['HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'];

/** Values of the `github` context that are no variables, or that are secret. */
const HIDDEN = new Set([
  'event',
  'token',
  'action_status',
  'action_path',
  'action_repository',
  'action_ref',
  'repositoryUrl',
  'secret_source',
]);

/**
 * Everything that a step's process sees. `env` is the workflow's, the job's and the step's own; the runner's
 * variables win over it, and `extra` (an action's inputs and state) over all.
 */
export function stepEnvironment(
  job: Job,
  { env, files, extra }: { env: Record<string, string>; files: CommandFiles; extra: Record<string, string> },
): Record<string, string> {
  const { PATH: inherited = '', ...own } = process.env;
  const kept = INHERITED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  const { debug: _, ...runner } = runnerContext(job);
  const path =
    env['PATH'] ?? [dirname(process.execPath), `${job.host.directory}/bin`, inherited].join(delimiter);
  return {
    ...Object.fromEntries(kept),
    CI: 'true',
    ...job.host.environment,
    ...env,
    GITHUB_ACTIONS: 'true',
    ...prefixed('GITHUB_', job.contexts.github, HIDDEN),
    ...prefixed('RUNNER_', runner),
    // What lies around the workspace is not the job's: neither a repository of the person at this machine nor their settings.
    GIT_CEILING_DIRECTORIES: dirname(job.workspace),
    GIT_CONFIG_GLOBAL: join(job.temporary, '.gitconfig'),
    RUNNER_TRACKING_ID: trackingId(job),
    ...files,
    ...idTokenRequest(job),
    ...extra,
    PATH: [...job.paths, path].join(delimiter),
  };
}

const prefixed = (prefix: string, values: Parameters<typeof Object.entries>[0], hidden = new Set<string>()) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => !hidden.has(name))
      .map(([name, value]) => [prefix + name.toUpperCase(), asText(value as Parameters<typeof asText>[0])]),
  );

/** By this every process that a job left behind can be found. */
export const trackingId = ({ host, record }: Job): string => `local-github_${host.instance}_${record.id}`;

function idTokenRequest(job: Job): Record<string, string> {
  if (job.permissions['id-token'] !== 'write') return {};
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${job.serverUrl}/_services/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: job.token,
  };
}
