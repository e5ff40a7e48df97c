import type { Run } from '@tidegate/github';
import { stopEvaluation } from '@tidegate/pipeline';
import { savedConnection } from '../connection.ts';

export async function stop(
  state: (name: string) => string,
  run: Pick<Run, 'log' | 'context' | 'idToken'>,
): Promise<void> {
  const aws = savedConnection('gate', state, run);
  for (const job of state('jobs').split(',')) await stopEvaluation(job, { aws, log: run.log });
}
