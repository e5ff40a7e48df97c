import {
  endpointConfigs,
  models,
  openNetwork,
  UserError,
  type Aws,
  type EndpointConfig,
} from '@tidegate/aws';
import { missingArtifacts } from './deploy/artifacts-exist.ts';
import type { Candidate, Live } from './deploy/candidate.ts';
import type { DeployResult } from './deploy/deploy.ts';
import { gatherFacts, readLive } from './deploy/facts.ts';
import type { DeployedVersion } from './deploy/ledger.ts';
import { changed, planChanges, planMarkdown } from './deploy/plan.ts';
import { preflight } from './deploy/preflight.ts';
import { outcomeMarkdown } from './deploy/report.ts';
import { chooseEarlier } from './deploy/choose-earlier.ts';
import type { DeploySettings } from './deploy/settings.ts';
import { shift } from './deploy/shift.ts';
import type { ShiftSurroundings } from './deploy/order.ts';

export type RollbackSettings = Pick<
  DeploySettings,
  | 'endpoint'
  | 'rollout'
  | 'rollbackOn'
  | 'rollbackAlarms'
  | 'smoke'
  | 'verification'
  | 'expectedCurrent'
  | 'tags'
  | 'runId'
  | 'mode'
  | 'timeout'
> & {
  /** `previous`, a deployment's id in the ledger, or the name of an endpoint config. */
  to: string;
};

/**
 * Brings an earlier version back by its exact artifacts: its own endpoint config where that still exists, otherwise one made again
 * from the record of what was deployed. Judged as a deployment is: `promoted` means the earlier version is live again.
 * @throws UserError where there is nothing to come back to, or where what it needs is gone
 */
export async function rollback(settings: RollbackSettings, around: ShiftSurroundings): Promise<DeployResult> {
  const { aws, log, ledger } = around;
  const live = await readLive(aws, settings.endpoint);
  if (live.endpoint === undefined)
    throw new UserError(
      `The endpoint ${settings.endpoint} does not exist, so there is nothing to roll back.`,
    );
  const earlier = await chooseEarlier(settings, live.endpoint.configName, ledger, aws);
  const candidate = await candidateOf(earlier, settings, live, aws);
  const { version } = candidate;
  log.info(`${settings.endpoint}: back from ${live.endpoint.configName} to ${version.endpointConfig}`);
  const order = {
    ...settings,
    target: 'sagemaker' as const,
    model: version.model,
    modelPackageArn: version.modelPackageArn ?? undefined,
    approve: false,
    imageUri: undefined,
    modelArtifactsUri: undefined,
    environment: version.environment,
    roleArn: version.roleArn,
    variant: undefined,
    instanceType: version.instanceType,
    instanceCount: version.instanceCount,
    startupTimeout: 0,
    capture: undefined,
    retainLive: true,
  };
  const facts = {
    ...(await gatherFacts(order, candidate, live, around)),
    // The version that we leave need not be there to come back to.
    gone: [],
  };
  const missing = await missingArtifacts(version, aws);
  const problems = [
    ...preflight(order, facts).filter(
      ([input]) => !(input === 'endpoint-name' && live.endpoint?.status === 'UpdateRollbackFailed'),
    ),
    ...missing.map((sentence) => ['rollback-to', `${version.endpointConfig}: ${sentence}`] as const),
  ];
  const changes = planChanges(candidate, live, {});
  const result = {
    endpointConfig: version.endpointConfig,
    previousEndpointConfig: live.endpoint.configName,
    changes: changed(changes),
    origin: facts.attestation.origin,
  };
  const plan = planMarkdown(settings.endpoint, changes, facts, problems);
  if (settings.mode === 'plan') return { ...result, outcome: undefined, markdown: plan };
  const outcome = await shift({ settings: order, candidate, live, facts, problems }, around);
  return { ...result, outcome, markdown: `${outcomeMarkdown(outcome)}\n${plan}` };
}

/** Names and content as they were; what still exists under these names is used as it is. */
async function candidateOf(
  earlier: DeployedVersion,
  { runId, tags }: RollbackSettings,
  live: Live,
  aws: Aws,
): Promise<Candidate> {
  const { configName = '', variants = [] } = live.endpoint ?? {};
  const kept = await endpointConfigs(aws).find(earlier.endpointConfig);
  const model = await models(aws).find(kept?.variants[0]?.modelName ?? earlier.model);
  const image = earlier.image ?? '';
  if (model === undefined && !image.includes('@sha256:'))
    throw new UserError(
      `${earlier.endpointConfig} cannot be made again: its model ${earlier.model} has been deleted, and it was deployed by ${image === '' ? 'no image at all' : `the tag ${image}`}, which may mean another image by now.`,
    );
  return {
    approval: undefined,
    model:
      model !== undefined
        ? 'exists'
        : {
            name: earlier.model,
            roleArn: earlier.roleArn,
            from: { image, modelDataUri: earlier.modelArtifacts, environment: earlier.environment },
            network: openNetwork,
            tags,
          },
    configSpec: {
      ...(kept ?? remade(earlier, variants[0]?.name ?? earlier.variant, live.config)),
      name: earlier.endpointConfig,
      tags,
    },
    version: {
      ...earlier,
      variant: variants[0]?.name ?? earlier.variant,
      previousEndpointConfig: configName,
      retires: configName === earlier.endpointConfig ? earlier.retires : configName,
      runId,
    },
  };
}

function remade(
  { model, instanceType, instanceCount }: DeployedVersion,
  variant: string,
  live: EndpointConfig | undefined,
) {
  return {
    variants: [
      {
        name: variant,
        modelName: model,
        instanceType,
        instanceCount,
        weight: 1,
        startupTimeoutSeconds: live?.variants[0]?.startupTimeoutSeconds ?? null,
        downloadTimeoutSeconds: live?.variants[0]?.downloadTimeoutSeconds ?? null,
      },
    ],
    capture: live?.capture ?? null,
    kmsKeyId: live?.kmsKeyId ?? null,
  };
}
