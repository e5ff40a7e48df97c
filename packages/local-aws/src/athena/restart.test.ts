import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { StopQueryExecutionCommand } from '@aws-sdk/client-athena';
import { expect, test } from '@jest/globals';
import { clientsOf } from './testing/bench.ts';

const main = new URL('../main.ts', import.meta.url).pathname;

/** The local AWS as a process of its own, which can be killed. */
async function startServer(directory: string): Promise<{ endpoint: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [main, '--directory', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { endpoint: (JSON.parse(line) as { endpoint: string }).endpoint, child };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const sumOver = (c: number): string => `SELECT sum(a % 7) FROM UNNEST(sequence(1, 10000)) t (a)
  CROSS JOIN UNNEST(sequence(1, 10000)) u (b) CROSS JOIN UNNEST(sequence(1, ${c})) v (c)`;

test('kill -9 in the middle of queries: they run again, what was answered is there, and a stopped one stays stopped', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidegate-athena-'));
  let server = await startServer(directory);
  try {
    let bench = clientsOf(server);
    await bench.s3.send(new CreateBucketCommand({ Bucket: 'lab' }));
    await bench.query('CREATE DATABASE lab');
    await bench.query(`CREATE EXTERNAL TABLE t (x string) ROW FORMAT DELIMITED LOCATION 's3://lab/t/'`);
    await bench.put('t/a', 'one\ntwo\n');
    const done = await bench.start('SELECT count(*) FROM t');
    await bench.ended(done);
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push(await bench.start(sumOver(i === 5 ? 1 : 2)));
    await bench.ended(ids[0]!, (state) => state === 'RUNNING');
    await bench.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: ids[1] }));
    await kill(server.child);
    bench.close();

    server = await startServer(directory);
    bench = clientsOf(server);
    expect(await bench.rows(done)).toEqual([['_col0'], ['2']]);
    const states = [];
    for (const id of ids) states.push((await bench.ended(id)).Status?.State);
    expect(states).toEqual(['SUCCEEDED', 'CANCELLED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(await bench.rows(ids[5]!)).toEqual([['_col0'], [String(29_998 * 10_000)]]);
    expect(await bench.query('SHOW TABLES')).toEqual([['t']]);
    bench.close();
    const left = join(directory, 'athena');
    expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
  } finally {
    await kill(server.child);
    await rm(directory, { recursive: true, force: true });
  }
});
