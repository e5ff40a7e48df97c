import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import type { Progress } from './records.ts';
import { commit } from './testing/github.ts';

type Ready = { apiUrl: string; serverUrl: string; token: string };

/** The process, and what it prints: `hears` resolves with the first event that fits. */
async function startProcess(folder: string) {
  const child = spawn(process.execPath, [
    join(import.meta.dirname, 'main.ts'),
    '--directory',
    join(folder, 'github'),
    '--repository',
    `acme/model=${join(folder, 'model')}`,
  ]);
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  const ready = JSON.parse(first) as Ready;
  const hears = (fits: (event: Progress) => boolean) =>
    new Promise<Progress>((resolve) =>
      lines.on('line', (line) => fits(JSON.parse(line) as Progress) && resolve(JSON.parse(line) as Progress)),
    );
  const call = async (method: string, path: string, body?: object) => {
    const url = path.startsWith('/_') ? `${ready.serverUrl}${path}` : `${ready.apiUrl}${path}`;
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${ready.token}` },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  return { child, hears, call, token: ready.token };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals) {
  child.kill(signal);
  await once(child, 'close');
}

test('after kill -9 everything is there again, the lost run has failed and says why, and can be run again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-github-'));
  const workflow = `on: push\njobs: { a: { runs-on: x, steps: [{ run: 'echo "pid=$$"; [ -e ${folder}/again ] || exec sleep 300' }] } }\n`;
  const sha = commit(join(folder, 'model'), { '.github/workflows/test.yml': workflow });

  const before = await startProcess(folder);
  const running = before.hears(({ line }) => line?.startsWith('pid=') ?? false);
  await before.call('POST', '/_tidegate/push', { repository: 'acme/model', sha });
  const check = await before.call('POST', '/repos/acme/model/check-runs', { name: 'gate', head_sha: sha });
  const pid = (await running).line?.slice(4) ?? '';
  await kill(before.child, 'SIGKILL');

  const after = await startProcess(folder);
  const again = after.hears(({ status, job }) => job === undefined && status === 'success');
  expect(after.token).toBe(before.token);
  const commandLine = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
  expect(commandLine).toBe('');
  const {
    status,
    conclusion,
    run_attempt: attempt,
  } = await after.call('GET', '/repos/acme/model/actions/runs/1');
  expect([status, conclusion, attempt]).toEqual(['completed', 'failure', 1]);
  expect(await after.call('GET', '/repos/acme/model/check-runs/1')).toMatchObject({
    id: check['id'],
    name: 'gate',
  });

  writeFileSync(join(folder, 'again'), '');
  await after.call('POST', '/repos/acme/model/actions/runs/1/rerun');
  await again;
  const rerun = await after.call('GET', '/repos/acme/model/actions/runs/1');
  expect([rerun['conclusion'], rerun['run_attempt']]).toEqual(['success', 2]);
  await kill(after.child, 'SIGTERM');
  rmSync(folder, { recursive: true });
});
