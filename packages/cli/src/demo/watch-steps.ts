import type { Progress as RunEvent } from '@tidegate/local-github';
import type { StepFact } from '../report/facts.ts';

/** A step of one of our actions while it runs. */
type Running = { action: string; since: number; sentence: string };

export type StepWatcher = {
  onProgress: (event: RunEvent) => void;
};

/**
 * Turns a runner's events into the steps that are worth telling: each when it has ended, with the sentence it ended with,
 * and while it runs what it says it is doing.
 */
export function watchSteps(tell: {
  doing(text: string | undefined): void;
  ended(step: StepFact): void;
}): StepWatcher {
  const running = new Map<string, Running>();
  return {
    onProgress({ run, job, step, status, line }) {
      if (step === undefined) return;
      const key = `${run.id} ${job} ${step}`;
      if (status === 'log') {
        const text = line ?? '';
        const action = /^##\[group\]Run \$\/actions\/([\w-]+)/.exec(text)?.[1];
        if (action !== undefined) running.set(key, { action, since: performance.now(), sentence: '' });
        const current = running.get(key);
        if (current === undefined) return;
        const said = /^##\[(?:notice|error)\](.*)/.exec(text)?.[1];
        if (said !== undefined && !said.startsWith('Process completed with exit code'))
          current.sentence = said.trim();
        tell.doing(doing(current.action, text));
        return;
      }
      const current = running.get(key);
      if (current === undefined || (status !== 'success' && status !== 'failure')) return;
      running.delete(key);
      tell.doing(undefined);
      const { action, sentence, since } = current;
      // A post step that has nothing to undo is not worth a line.
      if (step.startsWith('Post ')) return;
      tell.ended({ action, conclusion: status, seconds: (performance.now() - since) / 1000, sentence });
    },
  };
}

/** What a step’s last line says it is doing; workflow commands, settings and fences are not for people. */
function doing(action: string, line: string): string {
  const text = line.replace(/^##\[(group|endgroup|notice|warning|error)\]/, '').trim();
  return text === '' || /^(::|Run \$|[\w-]+: \S+$)/.test(text) ? action : `${action}: ${text}`;
}
