import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../user-error.ts';
import type { Profile } from './profile.ts';
import { profileUnit, type Unit, type UnitOptions } from './units.ts';

type Question = { unit: Unit; options: UnitOptions };
type Answer = { profile: Profile } | { error: { name: string; message: string; stack: string } };

const MARK = 'tidegate-profile';

/**
 * Threads that wait for work. They are kept, because a new one has to load and compile everything again; a thread that waits keeps
 * no process alive.
 */
const idle: Worker[] = [];

/**
 * Profiles the units on so many threads, and hands each profile on in the units' order, as soon as those before it are there.
 * @throws what a unit throws
 */
export async function profileOnThreads(
  units: readonly Unit[],
  threads: number,
  options: UnitOptions,
  take: (profile: Profile, index: number) => void,
): Promise<void> {
  const early = new Map<number, Profile>();
  const state = { next: 0, taken: 0, isFailed: false };
  const done = (index: number, profile: Profile): void => {
    early.set(index, profile);
    for (let found = early.get(state.taken); found; found = early.get(state.taken)) {
      early.delete(state.taken);
      take(found, state.taken++);
    }
  };
  const work = async (): Promise<void> => {
    const worker = idle.pop() ?? newWorker();
    worker.ref();
    try {
      while (state.next < units.length && !state.isFailed) {
        const index = state.next++;
        done(index, await ask(worker, { unit: units[index]!, options }));
      }
    } catch (error) {
      state.isFailed = true;
      throw error;
    } finally {
      worker.unref();
      idle.push(worker);
    }
  };
  // All threads are waited for, so that none is still at work when it is used again.
  const ended = await Promise.allSettled(Array.from({ length: Math.min(threads, units.length) }, work));
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}

function newWorker(): Worker {
  // This very module is the worker's program too, wherever a bundler has put it: see its end.
  const worker = new Worker(new URL(import.meta.url), { workerData: { [MARK]: true } });
  worker.once('exit', () => {
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
  });
  return worker;
}

function ask(worker: Worker, question: Question): Promise<Profile> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`a profiling thread ended with code ${code}`)));
    const onError = (error: Error): void => settle(() => reject(error));
    const onMessage = (answer: Answer): void => {
      settle(() => {
        if ('profile' in answer) resolve(answer.profile);
        else if (answer.error.name === 'UserError') reject(new UserError(answer.error.message));
        else reject(new Error(`a profiling thread failed: ${answer.error.stack}`));
      });
    };
    const settle = (settled: () => void): void => {
      worker.off('exit', onExit).off('error', onError).off('message', onMessage);
      settled();
    };
    worker.on('exit', onExit).on('error', onError).on('message', onMessage);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(question);
  });
}

async function answer({ unit, options }: Question): Promise<Answer> {
  try {
    return { profile: await profileUnit(unit, options) };
  } catch (error) {
    const { name, message, stack } = error as Error;
    return { error: { name, message, stack: stack ?? message } };
  }
}

const data: unknown = workerData;
if (!isMainThread && parentPort && typeof data === 'object' && data !== null && MARK in data) {
  const port = parentPort;
  port.on('message', (question: Question) => void answer(question).then((reply) => port.postMessage(reply)));
}
