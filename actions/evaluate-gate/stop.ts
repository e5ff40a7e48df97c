import { connectAs } from '@tidegate/aws';
import type { Run } from '@tidegate/github';
import { stopEvaluation } from '@tidegate/pipeline';

export async function stop(
  state: (name: string) => string,
  { log, context, idToken }: Pick<Run, 'log' | 'context' | 'idToken'>,
): Promise<void> {
  const aws = connectAs({
    region: state('region'),
    roleToAssume: state('role') || undefined,
    sessionName: `tidegate-gate-${context.runId}`,
    idToken,
  });
  for (const job of state('jobs').split(',')) await stopEvaluation(job, { aws, log });
}
