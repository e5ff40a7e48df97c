import type { Run } from '@tidegate/github';
import { rollback, type OlderModel, type Outcome, type ShiftSurroundings } from '@tidegate/pipeline';
import { verificationOf } from '../attestation-inputs.ts';
import { readSmoke } from '../deployments.ts';
import type { Inputs } from './contract.ts';

const minute = 60_000;

/** Brings back the version that fits, all at once behind an alarm on its errors. */
export async function rollBackTo(
  { endpointConfig }: OlderModel,
  inputs: Inputs,
  { run, tags, ...around }: ShiftSurroundings & { run: Run; tags: Record<string, string> },
): Promise<Outcome | undefined> {
  const { model, endpointName, smoke = '', timeout } = inputs;
  const noLimits = { smokeContentType: undefined, smokeMaxLatency: undefined };
  const { outcome, markdown } = await rollback(
    {
      endpoint: endpointName ?? model,
      to: endpointConfig,
      rollout: {
        strategy: 'all-at-once',
        canaryPercent: 10,
        stepPercent: 25,
        bake: 2 * minute,
        finalBake: undefined,
        maxExecution: undefined,
      },
      rollbackOn: {
        errorRate: 0.01,
        p95Latency: undefined,
        p99Latency: undefined,
        period: minute,
        periods: 1,
      },
      rollbackAlarms: [],
      smoke: await readSmoke({ smoke, ...noLimits }, run, around.aws),
      verification: verificationOf(inputs, run),
      expectedCurrent: undefined,
      tags,
      runId: run.context.runId,
      mode: 'apply',
      timeout,
    },
    around,
  );
  run.summary(markdown);
  return outcome;
}
