import { addStatus, createDeployment } from '../deployments/deployments.ts';
import { UserError } from '../errors.ts';
import type { Contexts } from '../expressions/evaluate.ts';
import { interpolate } from '../expressions/interpolate.ts';
import { asText, type Json } from '../expressions/values.ts';
import { time, type Host } from '../host.ts';
import type { Conclusion, JobRecord, WorkflowRun } from '../records.ts';
import type { Live } from './live.ts';

type Ended = { result: Conclusion; outputs: Record<string, string> };

const BOT = 'github-actions[bot]';

/**
 * Runs `body` when the job's environment, if it names one, has been approved. As on GitHub such a job is itself a
 * deployment of the commit, with statuses as it goes, unless it says `deployment: false`.
 */
export async function withEnvironment(
  live: Live,
  { written, record, contexts }: { written: Json | undefined; record: JobRecord; contexts: Contexts },
  body: () => Promise<Ended>,
): Promise<Ended> {
  const { host, run } = live;
  const setting = settingOf(written, contexts);
  const begin = () => {
    record.status = 'in_progress';
    record.startedAt = time(host);
    live.save();
  };
  if (!setting.name) {
    begin();
    return body();
  }
  record.environment = { name: setting.name, url: null };
  record.status = 'waiting';
  live.save();
  const say = setting.deployment ? deploymentOf(host, run, record, setting.name) : () => {};
  say('queued');
  if (!(await host.approve({ run, job: record.name, environment: setting.name }))) {
    say('failure');
    throw new UserError(`The deployment to the environment '${setting.name}' was rejected.`);
  }
  begin();
  say('in_progress');
  const ended = await body();
  say(ended.result === 'success' ? 'success' : 'failure', record.environment.url ?? undefined);
  return ended;
}

function deploymentOf(host: Host, run: WorkflowRun, record: JobRecord, environment: string) {
  const deployment = createDeployment(host, {
    repository: run.repository,
    sha: run.headSha,
    ref: run.headBranch,
    task: 'deploy',
    payload: {},
    environment,
    description: null,
    creator: BOT,
    transient: false,
    production: environment === 'production',
  });
  const logUrl = `${host.serverUrl}/${run.repository}/actions/runs/${run.id}/job/${record.id}`;
  return (state: string, environmentUrl = '') =>
    void addStatus(host, deployment, { state, creator: BOT, logUrl, environmentUrl });
}

/** `environment:` is a name, or a map of name, url and deployment; the url is known only when the steps have run. */
function settingOf(written: Json | undefined, contexts: Contexts): { name: string; deployment: boolean } {
  if (written === null || written === undefined || Array.isArray(written))
    return { name: '', deployment: false };
  if (typeof written !== 'object') return { name: asText(interpolate(written, contexts)), deployment: true };
  return {
    name: asText(interpolate(written['name'], contexts)),
    deployment: interpolate(written['deployment'], contexts) !== false,
  };
}
