import type { Run } from '@tidegate/github';
import { stopTraining } from '@tidegate/pipeline';
import { savedConnection } from '../connection.ts';

export async function stop(
  state: (name: string) => string,
  run: Pick<Run, 'log' | 'context' | 'idToken'>,
): Promise<void> {
  const aws = savedConnection('train', state, run);
  await stopTraining(state('job'), { aws, log: run.log });
}
