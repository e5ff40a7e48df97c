import type { Outputs, ParsedInputs, Run } from '@tidegate/github';
import { artifactsUri, deploy, monthlyCostUsd, provenanceTags } from '@tidegate/pipeline';
import { verificationOf } from '../attestation-inputs.ts';
import { connectFor } from '../connection.ts';
import { deploymentLedger, outcomeOutputs, readSmoke, rollbackOn } from '../deployments.ts';
import { provenanceOf } from '../provenance.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function deployTarget(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectFor('deploy', inputs, run);
  const endpoint = inputs.endpointName ?? inputs.model;
  const captureUri = async () =>
    inputs.captureS3Uri ?? `${await artifactsUri(aws, inputs.model, inputs.bucket)}/capture`;
  const result = await deploy(
    {
      target: inputs.target,
      model: inputs.model,
      endpoint,
      modelPackageArn: inputs.modelPackageArn,
      approve: inputs.approve,
      imageUri: inputs.imageUri,
      modelArtifactsUri: inputs.modelArtifactsUri,
      environment: inputs.containerEnvironment ?? {},
      roleArn: inputs.roleArn,
      variant: inputs.variantName,
      instanceType: inputs.instanceType,
      instanceCount: inputs.instanceCount,
      startupTimeout: inputs.startupTimeout,
      rollout: {
        strategy: inputs.strategy,
        canaryPercent: inputs.canaryPercent,
        stepPercent: inputs.stepPercent,
        bake: inputs.bake,
        finalBake: inputs.finalBake,
        maxExecution: inputs.maxExecution,
      },
      rollbackOn: rollbackOn(inputs),
      rollbackAlarms: inputs.rollbackAlarms ?? [],
      smoke: await readSmoke(inputs, run, aws),
      capture:
        inputs.capturePercent === undefined
          ? undefined
          : { percent: inputs.capturePercent, destination: await captureUri() },
      retainLive: inputs.retainAllVariantProperties,
      verification: verificationOf(inputs, run),
      expectedCurrent: inputs.expectedCurrent,
      tags: { ...provenanceTags(provenanceOf(run)), ...inputs.tags },
      runId: context.runId,
      mode: inputs.mode,
      timeout: inputs.timeout,
    },
    { aws, log, signal, ledger: deploymentLedger(inputs.environment, run) },
  );
  run.summary(result.markdown);
  return {
    ...outcomeOutputs(result, endpoint, aws),
    'report-path': run.report(`deploy-${endpoint}`, result),
    'cost-estimate-usd': monthlyCostUsd(inputs) ?? undefined,
  };
}
