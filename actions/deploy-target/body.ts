import { connectAs } from '@tidegate/aws';
import { runUrl, type Outputs, type ParsedInputs, type Run } from '@tidegate/github';
import { artifactsUri, deploy, monthlyCostUsd, provenanceTags } from '@tidegate/pipeline';
import { deploymentLedger, outcomeOutputs, readSmoke } from '../deployments.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function deployTarget(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectAs({
    region: inputs.awsRegion,
    roleToAssume: inputs.roleToAssume,
    sessionName: `tidegate-deploy-${context.runId}`,
    idToken: (audience) => run.idToken(audience),
  });
  const endpoint = inputs.endpointName ?? inputs.model;
  const { sha: commit, repository, runId } = context;
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
      rollbackOn: {
        errorRate: inputs.errorRate === 'none' ? undefined : inputs.errorRate,
        p95Latency: inputs.p95Latency,
        p99Latency: inputs.p99Latency,
        period: inputs.alarmPeriod,
        periods: inputs.alarmPeriods,
      },
      rollbackAlarms: inputs.rollbackAlarms ?? [],
      smoke: await readSmoke(inputs, run, aws),
      capture:
        inputs.capturePercent === undefined
          ? undefined
          : { percent: inputs.capturePercent, destination: await captureUri() },
      retainLive: inputs.retainAllVariantProperties,
      expectedCurrent: inputs.expectedCurrent,
      tags: { ...provenanceTags({ commit, repository, runId, runUrl: runUrl(context) }), ...inputs.tags },
      runId,
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
