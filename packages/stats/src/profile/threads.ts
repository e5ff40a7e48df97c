import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { Progress } from '../read/progress.ts';
import { UserError } from '../user-error.ts';
import type { Profile, ProfileOptions } from './profile.ts';
import { profileUnit, type Unit } from './units.ts';

type Options = ProfileOptions & { progress?: Progress | undefined };
type Question = { unit: Unit; options: Options };
type Answer = { profile: Profile } | { error: { name: string; message: string; stack: string } };

const MARK = 'tidegate-profile';

/**
 * Threads that wait for work. They are kept, because a new one has to load and compile everything again; a thread that waits keeps
 * no process alive.
 */
const idle: Worker[] = [];

/** Profiles the units on so many threads; the answers are in the units' order. @throws what a unit throws */
export async function profileOnThreads(
  units: readonly Unit[],
  threads: number,
  options: Options,
): Promise<Profile[]> {
  const answers: Profile[] = [];
  const state = { next: 0, isFailed: false };
  const work = async (): Promise<void> => {
    const worker = idle.pop() ?? newWorker();
    worker.ref();
    try {
      while (state.next < units.length && !state.isFailed) {
        const index = state.next++;
        answers[index] = await ask(worker, { unit: units[index]!, options });
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
  const done = await Promise.allSettled(Array.from({ length: Math.min(threads, units.length) }, work));
  const failed = done.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return answers;
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
