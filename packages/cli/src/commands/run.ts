import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Progress, WorkflowRun } from '@tidegate/local-github';
import { putData } from '../local/put-data.ts';
import { startServers, type Servers } from '../local/servers.ts';
import { UserError } from '../terminal/errors.ts';
import { showProgress } from '../terminal/progress.ts';
import { elapsed, mark, style } from '../terminal/style.ts';
import { parseCommandLine, parsePairs, parsePositive } from './arguments.ts';

const events = ['push', 'pull_request', 'schedule', 'repository_dispatch'] as const;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(
    args,
    {
      repository: { type: 'string', default: '.' },
      event: { type: 'string', default: 'push' },
      input: { type: 'string', multiple: true },
      secret: { type: 'string', multiple: true },
      data: { type: 'string', multiple: true },
      'clock-speed': { type: 'string', default: '60' },
    },
    [0, 1],
  );
  const event = events.find((each) => each === values.event);
  if (event === undefined) throw new UserError(`--event ${values.event} is not one of ${events.join(', ')}`);
  const folder = path.resolve(values.repository);
  const progress = showProgress();
  const servers = await startServers({
    folder,
    directory: path.join(folder, '.tidegate', 'run'),
    clockSpeed: parsePositive('clock-speed', values['clock-speed']),
    secrets: parsePairs('secret', values.secret),
    onProgress: tell(progress),
  });
  try {
    const data = parsePairs('data', values.data);
    if (Object.keys(data).length > 0) {
      progress.line(`${mark('good')} ${await putData(data, servers.environment)} files uploaded`);
    }
    const runs = await start(servers, folder, event, positionals[0], parsePairs('input', values.input));
    progress.end();
    if (runs.length === 0)
      throw new UserError(
        `no workflow of ${servers.repository} listens for ${event} on branch ${branchOf(folder)}`,
      );
    for (const run of runs) summarise(run);
    return runs.every(({ conclusion }) => conclusion === 'success') ? 0 : 1;
  } finally {
    progress.end();
    await servers.close();
  }
}

async function start(
  { github, repository }: Servers,
  folder: string,
  event: (typeof events)[number],
  file: string | undefined,
  inputs: Record<string, string>,
): Promise<WorkflowRun[]> {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
  const sha = git('rev-parse', 'HEAD');
  const branch = branchOf(folder);
  if (file !== undefined)
    return [await github.runWorkflow(repository, path.basename(file), { inputs, ref: sha })];
  switch (event) {
    case 'push':
      return await github.push(repository, { branch, sha });
    case 'pull_request': {
      await github.push(repository, { branch, sha });
      return (
        await github.openPullRequest(repository, {
          head: branch,
          base: 'main',
          title: git('log', '-1', '--format=%s'),
        })
      ).runs;
    }
    case 'schedule':
      return await github.schedule(repository);
    case 'repository_dispatch':
      return await github.dispatch(repository, inputs['event-type'] ?? 'tidegate', inputs);
  }
}

function branchOf(folder: string): string {
  return execFileSync('git', ['-C', folder, 'rev-parse', '--abbrev-ref', 'HEAD'], {
    encoding: 'utf8',
  }).trim();
}

/** Each step as it ends, and the log of a step that failed. */
function tell(progress: ReturnType<typeof showProgress>): (event: Progress) => void {
  const logs = new Map<string, string[]>();
  return ({ job = '', step, status, line }) => {
    if (step === undefined) return;
    const key = `${job} › ${step}`;
    if (status === 'in_progress') progress.now(key);
    else if (status === 'log') logs.set(key, [...(logs.get(key) ?? []).slice(-30), line ?? '']);
    else if (status === 'success') progress.line(`${mark('good')} ${key}`);
    else if (status === 'failure') {
      progress.line(`${mark('bad')} ${key}`);
      for (const each of logs.get(key) ?? []) progress.line(style.dim(`    ${each}`));
    }
  };
}

function summarise(run: WorkflowRun): void {
  const ms = Date.parse(run.completedAt ?? run.startedAt) - Date.parse(run.startedAt);
  console.log(
    `\n${mark(run.conclusion === 'success' ? 'good' : 'bad')} ${run.workflow}: ${run.conclusion ?? run.status} in ${elapsed(ms)}`,
  );
  for (const error of run.errors) console.log(`  ${error}`);
  for (const [job, outputs] of Object.entries(run.outputs)) {
    for (const [name, value] of Object.entries(outputs))
      if (value !== '') console.log(`  ${job}.${name} = ${value}`);
  }
}
