import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../user-error.ts';
import type { Place } from '../user-error.ts';
import { profileUnit } from './units.ts';
import type { Unit } from './units.ts';
import type { Profile, ProfileOptions } from './profile.ts';

type Answer =
  { profile: Profile } | { error: { name: string; message: string; place?: Place; stack?: string } };

const MARK = 'tidegate-profile';

/** Profiles the units on so many threads; the answers are in the units' order. @throws what a unit throws */
export async function profileOnThreads(
  units: readonly Unit[],
  threads: number,
  options: ProfileOptions,
): Promise<Profile[]> {
  const answers: Profile[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    if (next >= units.length) return;
    // This very module is the worker's program too, wherever a bundler has put it: see its end.
    const worker = new Worker(new URL(import.meta.url), { workerData: { [MARK]: options } });
    try {
      while (next < units.length) {
        const index = next++;
        answers[index] = await ask(worker, units[index]!);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, units.length) }, work));
  return answers;
}

function ask(worker: Worker, unit: Unit): Promise<Profile> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void => reject(new Error(`a profiling thread ended with code ${code}`));
    const settle = (settled: () => void): void => {
      worker.off('exit', onExit);
      worker.off('error', reject);
      settled();
    };
    worker.once('exit', onExit);
    worker.once('error', reject);
    worker.once('message', (answer: Answer) => {
      settle(() => {
        if ('profile' in answer) resolve(answer.profile);
        else if (answer.error.name === 'UserError') reject(new UserError(answer.error.message));
        else reject(new Error(answer.error.stack ?? answer.error.message));
      });
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(unit);
  });
}

async function answer(unit: Unit, options: ProfileOptions): Promise<Answer> {
  try {
    return { profile: await profileUnit(unit, options) };
  } catch (error) {
    const { name, message, stack } = error as Error;
    return { error: { name, message, ...(stack === undefined ? {} : { stack }) } };
  }
}

const data: unknown = workerData;
if (!isMainThread && parentPort && typeof data === 'object' && data !== null && MARK in data) {
  const port = parentPort;
  const options = data[MARK] as ProfileOptions;
  port.on('message', (unit: Unit) => void answer(unit, options).then((reply) => port.postMessage(reply)));
}
