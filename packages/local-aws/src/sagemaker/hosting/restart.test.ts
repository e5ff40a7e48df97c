import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { answersOf, bakes, canary, putErrorAlarm, settles, update } from './testing/deployments.ts';
import { openStage } from './testing/stage.ts';

const main = join(import.meta.dirname, '..', '..', 'main.ts');

/** A local AWS as a process of its own, on a clock that only moves by hand, and its stage. */
async function startServer(directory: string) {
  const child = spawn(process.execPath, [main, '--directory', directory, '--clock-speed', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { endpoint } = JSON.parse(line) as { endpoint: string };
  const stage = await openStage(endpoint);
  const end = async (signal: NodeJS.Signals) => {
    stage.close();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const advance = async (seconds: number) => {
    await fetch(`${endpoint}/_tidegate/clock`, {
      method: 'POST',
      body: JSON.stringify({ advanceSeconds: seconds }),
    });
  };
  // A server that ends by itself takes its model servers with it.
  return { ...stage, advance, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: () => end('SIGTERM') };
}

async function inFolder(work: (directory: string) => Promise<void>) {
  const directory = mkdtempSync(join(tmpdir(), 'tidegate-restart-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A process that has ended may still be in the table, as a zombie that nobody asked about. */
const isRunning = (pid: number) =>
  /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout.toString());

test('after kill -9 in mid canary the old model servers are gone, and the canary goes on to the same deadline', () =>
  inFolder(async (directory) => {
    await using first = await startServer(directory);
    await first.serve('flights', { count: 2 });
    await putErrorAlarm(first, 'flights', 'flights-2');
    await update(first, 'flights', { deploy: canary(['flights-5xx']) });
    const before = await bakes(first, 'flights');
    const { pid } = await first.invoke('flights');
    await first.advance(100);
    await first.kill();
    expect(isRunning(pid)).toBe(true);

    await using second = await startServer(directory);
    expect(isRunning(pid)).toBe(false);
    const after = await bakes(second, 'flights');
    expect(after.PendingDeploymentSummary?.ProductionVariants?.[0]?.VariantStatus).toEqual(
      before.PendingDeploymentSummary?.ProductionVariants?.[0]?.VariantStatus,
    );
    expect(await answersOf(second, 'flights', 20)).toEqual({ 'flights-1': 18, 'flights-2': 2 });
    await second.advance(300);
    expect(await answersOf(second, 'flights', 5)).toEqual({ 'flights-2': 5 });
    await second.advance(120);
    expect(await settles(second, 'flights')).toMatchObject({ EndpointConfigName: 'flights-2' });
  }));

test('after kill -9 the verdict is still true: what fails from then on takes the canary back', () =>
  inFolder(async (directory) => {
    await using first = await startServer(directory);
    await first.serve('flights', { count: 2 });
    await putErrorAlarm(first, 'flights', 'flights-2');
    await update(first, 'flights', { environment: { FAIL: '1' }, deploy: canary(['flights-5xx']) });
    await bakes(first, 'flights');
    await first.kill();

    await using second = await startServer(directory);
    expect(await answersOf(second, 'flights', 20)).toEqual({ 'flights-1': 18, ModelError: 2 });
    await second.advance(60);
    expect(await settles(second, 'flights')).toMatchObject({
      EndpointConfigName: 'flights-1',
      FailureReason: expect.stringContaining('flights-5xx'),
    });
    expect(await answersOf(second, 'flights', 10)).toEqual({ 'flights-1': 10 });
  }));
