import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** What a contender did once: how long it took, on the clock and of all processors, and what it found. */
export type Run = { milliseconds: number; cpuMilliseconds: number; answer: unknown };

/**
 * A process of its own that does one case after another, so that nobody's heap or compiled code is in the way of others. It is told a case by a line
 * of JSON and answers with one.
 */
export type Contender = { run(task: object): Promise<Run>; close(): void };

export function startContender(command: string, args: readonly string[]): Contender {
  const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: Interface = createInterface({ input: child.stdout! });
  const answers = lines[Symbol.asyncIterator]();
  return {
    async run(task) {
      child.stdin!.write(`${JSON.stringify(task)}\n`);
      for (;;) {
        const { value, done } = await answers.next();
        if (done) throw new Error(`${command} ${args.join(' ')} ended without an answer`);
        // Libraries print to standard output as well.
        if (value.startsWith('{"milliseconds"')) return JSON.parse(value) as Run;
      }
    },
    close: () => void child.kill(),
  };
}

/** Times what a task's answer takes. */
export async function timed(answer: () => Promise<unknown>): Promise<Run> {
  const used = process.cpuUsage();
  const start = performance.now();
  const found = await answer();
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  return { milliseconds, cpuMilliseconds: (user + system) / 1000, answer: found };
}

/** The other end of `startContender`. */
export async function answerTasks(work: (task: never) => Promise<Run>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await work(JSON.parse(line) as never)));
  }
}
