import type { Outputs, ParsedInputs, Run } from '@tidegate/github';
import { provenanceTags, rollback } from '@tidegate/pipeline';
import { verificationOf } from '../attestation-inputs.ts';
import { connectFor } from '../connection.ts';
import { deploymentLedger, outcomeOutputs, readSmoke, rollbackOn } from '../deployments.ts';
import { provenanceOf } from '../provenance.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function rollBack(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectFor('rollback', inputs, run);
  const endpoint = inputs.endpointName ?? inputs.model;
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
      rollbackOn: rollbackOn(inputs),
      rollbackAlarms: inputs.rollbackAlarms ?? [],
      smoke: await readSmoke(inputs, run, aws),
      verification: verificationOf(inputs, run),
      expectedCurrent: inputs.expectedCurrent,
      tags: provenanceTags(provenanceOf(run)),
      runId: context.runId,
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
