import { connectAs } from '@tidegate/aws';
import { runUrl, type Outputs, type ParsedInputs, type Run } from '@tidegate/github';
import { provenanceTags, rollback } from '@tidegate/pipeline';
import { deploymentLedger, outcomeOutputs, readSmoke } from '../deployments.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function rollBack(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectAs({
    region: inputs.awsRegion,
    roleToAssume: inputs.roleToAssume,
    sessionName: `tidegate-rollback-${context.runId}`,
    idToken: (audience) => run.idToken(audience),
  });
  const endpoint = inputs.endpointName ?? inputs.model;
  const { sha: commit, repository, runId } = context;
  const result = await rollback(
    {
      endpoint,
      to: inputs.rollbackTo,
      rollout: {
        strategy: inputs.strategy,
        canaryPercent: inputs.canaryPercent,
        stepPercent: inputs.stepPercent,
        bake: inputs.bake,
        finalBake: undefined,
        maxExecution: undefined,
      },
      rollbackOn: {
        errorRate: inputs.errorRate === 'none' ? undefined : inputs.errorRate,
        p95Latency: inputs.p95Latency,
        p99Latency: inputs.p99Latency,
        period: inputs.alarmPeriod,
        periods: inputs.alarmPeriods,
      },
      rollbackAlarms: inputs.rollbackAlarms ?? [],
      smoke: await readSmoke(inputs, run, aws),
      expectedCurrent: inputs.expectedCurrent,
      tags: provenanceTags({ commit, repository, runId, runUrl: runUrl(context) }),
      runId,
      mode: inputs.mode,
      timeout: inputs.timeout,
    },
    { aws, log, signal, ledger: deploymentLedger(inputs.environment, run) },
  );
  run.summary(result.markdown);
  return {
    ...outcomeOutputs(result, endpoint, aws),
    'report-path': run.report(`rollback-${endpoint}`, result),
  };
}
