import { readFileSync } from 'node:fs';

/** The run as GitHub describes it to a step. */
export type Context = {
  /** `owner/name`. */
  readonly repository: string;
  /** The commit being judged: a pull request's head, not the merge commit that GitHub makes of it. */
  readonly sha: string;
  readonly ref: string;
  readonly runId: string;
  readonly runAttempt: number;
  readonly workflow: string;
  readonly job: string;
  readonly actor: string;
  readonly eventName: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly pullRequest: number | undefined;
  readonly serverUrl: string;
  readonly apiUrl: string;
  readonly workspace: string;
  /** Where a step may leave files for later steps. */
  readonly temporaryFolder: string;
};

type PullRequestEvent = { pull_request?: { number: number; head: { sha: string } } };

export function readContext(environment: Readonly<Record<string, string | undefined>>): Context {
  const of = (name: string, otherwise = '') => environment[`GITHUB_${name}`] || otherwise;
  const eventPath = of('EVENT_PATH');
  const event =
    eventPath === '' ? {} : (JSON.parse(readFileSync(eventPath, 'utf8')) as Record<string, unknown>);
  const pullRequest = (event as PullRequestEvent).pull_request;
  return {
    repository: of('REPOSITORY'),
    sha: pullRequest?.head.sha ?? of('SHA'),
    ref: of('REF'),
    runId: of('RUN_ID'),
    runAttempt: Number(of('RUN_ATTEMPT', '1')),
    workflow: of('WORKFLOW'),
    job: of('JOB'),
    actor: of('ACTOR'),
    eventName: of('EVENT_NAME'),
    event,
    pullRequest: pullRequest?.number,
    serverUrl: of('SERVER_URL', 'https://github.com'),
    apiUrl: of('API_URL', 'https://api.github.com'),
    workspace: of('WORKSPACE', process.cwd()),
    temporaryFolder: environment['RUNNER_TEMP'] || '/tmp',
  };
}

export function runUrl({ serverUrl, repository, runId }: Context): string {
  return `${serverUrl}/${repository}/actions/runs/${runId}`;
}
