import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../index.ts';
import { isRunning } from './orphans.ts';
import { startProcess } from './process.ts';

async function start(aws: Awaited<ReturnType<typeof startLocalAws>>, script: string) {
  const lines: string[] = [];
  const first = Promise.withResolvers<string>();
  const container = await startProcess(aws.world, {
    argv: ['/bin/sh', '-c', script],
    cwd: tmpdir(),
    environment: { PATH: process.env['PATH'] ?? '' },
    onLine(line) {
      lines.push(line);
      first.resolve(line);
    },
  });
  return { container, lines, first: first.promise };
}

test('a container ends with its first process, whatever that one leaves behind', async () => {
  await using aws = await startLocalAws();
  const inGroup = await start(aws, 'sleep 600 & echo $!; echo last; exit 3');
  expect(await inGroup.container.exited).toEqual({ code: 3, signal: null });
  expect(inGroup.lines.at(-1)).toBe('last');
  const outside = await start(aws, 'setsid sleep 600 & echo $!; exit 0');
  expect(await outside.container.exited).toEqual({ code: 0, signal: null });
  const escaped = Number(outside.lines[0]);
  if (isRunning(escaped)) process.kill(escaped, 'SIGKILL');
  expect(isRunning(Number(inGroup.lines[0]))).toBe(false);
});

test('a program that ends itself on SIGTERM is not killed', async () => {
  await using aws = await startLocalAws({ clock: { manual: true } });
  const { container, first, lines } = await start(
    aws,
    "trap 'echo bye; exit 7' TERM; echo up; while true; do sleep 0.05; done",
  );
  await first;
  await container.stop(1000);
  expect(await container.exited).toEqual({ code: 7, signal: null });
  expect(lines).toEqual(['up', 'bye']);
});

test('what runs when the server closes is ended with it, and nothing is started any more', async () => {
  const aws = await startLocalAws();
  const { container, first } = await start(aws, 'echo up; exec sleep 600');
  await first;
  await aws.close();
  expect(await container.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await expect(start(aws, 'echo')).rejects.toThrow('the server is closing');
});

test('a command that is not there is named', async () => {
  await using aws = await startLocalAws();
  const spec = { argv: ['no-such-program'], cwd: tmpdir(), environment: {}, onLine: () => {} };
  await expect(startProcess(aws.world, spec)).rejects.toMatchObject({
    name: 'ContainerError',
    message: 'exec: "no-such-program": executable file not found in $PATH',
  });
});
