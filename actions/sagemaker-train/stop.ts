import { connectAs } from '@tidegate/aws';
import type { Run } from '@tidegate/github';
import { stopTraining } from '@tidegate/pipeline';

export async function stop(
  state: (name: string) => string,
  { log, context, idToken }: Pick<Run, 'log' | 'context' | 'idToken'>,
): Promise<void> {
  const aws = connectAs({
    region: state('region'),
    roleToAssume: state('role') || undefined,
    sessionName: `tidegate-train-${context.runId}`,
    idToken,
  });
  await stopTraining(state('job'), { aws, log });
}
