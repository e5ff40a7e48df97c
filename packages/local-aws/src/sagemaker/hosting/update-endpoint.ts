import type {
  UpdateEndpointInput,
  UpdateEndpointOutput,
  UpdateEndpointWeightsAndCapacitiesInput,
  UpdateEndpointWeightsAndCapacitiesOutput,
} from '@aws-sdk/client-sagemaker';
import { alarmState } from '../../cloudwatch/alarms.ts';
import { notBuilt } from '../../kernel/errors.ts';
import { faultFor } from '../../kernel/faults.ts';
import type { World } from '../../kernel/world.ts';
import { goOn } from './activity.ts';
import { checkAgainstFleet, checkDeploymentConfig } from './deployment-limits.ts';
import { countsOf, rollbackBatchOf } from './fleet-counts.ts';
import { foundEndpointConfig } from './endpoint-configs.ts';
import { changeEndpoint, phase } from './endpoint-changes.ts';
import { foundEndpoint, requireSettled } from './endpoints.ts';
import { fleetFor } from './fleet.ts';
import { invalid } from './hosting-errors.ts';
import { noCapacity } from './hosting-failure.ts';
import { planOf } from './plan.ts';
import { checkQuota } from './quota.ts';
import type { EndpointRecord, FleetRecord } from './records.ts';

export function updateEndpoint(world: World, input: UpdateEndpointInput): UpdateEndpointOutput {
  const endpoint = updatable(world, input.EndpointName);
  const config = foundEndpointConfig(world, input.EndpointConfigName);
  if (config.name === endpoint.configName) {
    throw invalid(
      `Cannot update endpoint "${endpoint.arn}": it already uses the endpoint configuration "${config.arn}".`,
    );
  }
  const deploymentConfig = input.RetainDeploymentConfig
    ? endpoint.lastDeploymentConfig
    : input.DeploymentConfig;
  if (input.DeploymentConfig) checkDeploymentConfig(input.DeploymentConfig);
  const alarms = (deploymentConfig?.AutoRollbackConfiguration?.Alarms ?? []).map(
    ({ AlarmName }) => AlarmName ?? '',
  );
  const missing = alarms.filter((alarm) => alarmState(world, alarm) === undefined);
  if (missing.length > 0)
    throw invalid(
      `Could not find the CloudWatch alarm(s) of AutoRollbackConfiguration: ${missing.join(', ')}.`,
    );

  const blue = endpoint.fleets[0] as FleetRecord;
  const green = fleetFor(world, config, { fleet: blue, retained: retained(input) });
  if (deploymentConfig) requireSameVariants(blue, green);
  const instanceTypes = [...blue.variants, ...green.variants].map(({ instanceType }) => instanceType);
  const steps = planOf(deploymentConfig, { blue: countsOf(blue), green: countsOf(green), instanceTypes });
  if (deploymentConfig) checkAgainstFleet(deploymentConfig, countsOf(green), steps);
  checkQuota(world, green);

  const now = world.clock.now();
  const limit =
    deploymentConfig?.BlueGreenUpdatePolicy?.MaximumExecutionTimeoutInSeconds ??
    deploymentConfig?.RollingUpdatePolicy?.MaximumExecutionTimeoutInSeconds;
  const rollbackBatch = rollbackBatchOf(
    deploymentConfig?.RollingUpdatePolicy?.RollbackMaximumBatchSize,
    blue,
  );
  changeEndpoint(world, endpoint.name, {
    lastDeploymentConfig: deploymentConfig,
    status: 'Updating',
    failureReason: undefined,
    fleets: [blue, green],
    activity: {
      kind: 'deploy',
      blue: blue.id,
      green: green.id,
      startedAt: now,
      ...(limit !== undefined && { deadline: now + limit * 1000 }),
      steps,
      step: 0,
      phase: phase(world, 'Creating', 'Preparing the new fleet.'),
      alarms,
      ...(rollbackBatch !== undefined && { rollbackBatch }),
      ...(faultFor(world, 'sagemaker', 'UpdateEndpoint', 'silent-rollback') && { silentRollback: true }),
      ...(faultFor(world, 'sagemaker', 'UpdateEndpoint', 'capacity') && {
        goesBack: { reason: noCapacity().message },
      }),
    },
  });
  goOn(world, endpoint.name);
  return { EndpointArn: endpoint.arn };
}

export function updateWeightsAndCapacities(
  world: World,
  input: UpdateEndpointWeightsAndCapacitiesInput,
): UpdateEndpointWeightsAndCapacitiesOutput {
  const endpoint = updatable(world, input.EndpointName);
  const fleet = endpoint.fleets[0] as FleetRecord;
  const wanted = new Map(
    (input.DesiredWeightsAndCapacities ?? []).map((one) => [one.VariantName ?? '', one]),
  );
  for (const [name, { ServerlessUpdateConfig, DesiredInstanceCount }] of wanted) {
    if (ServerlessUpdateConfig)
      throw notBuilt('UpdateEndpointWeightsAndCapacities with ServerlessUpdateConfig');
    if (!fleet.variants.some((variant) => variant.name === name)) {
      throw invalid(`The following production variants do not exist in endpoint "${endpoint.arn}": ${name}.`);
    }
    if (DesiredInstanceCount === 0)
      throw invalid(`DesiredInstanceCount of variant ${name} must be at least 1.`);
  }
  const variants = fleet.variants.map((variant) => ({
    ...variant,
    desiredWeight: wanted.get(variant.name)?.DesiredWeight ?? variant.desiredWeight,
    desiredCount: wanted.get(variant.name)?.DesiredInstanceCount ?? variant.desiredCount,
  }));
  const added = variants.map((variant) => ({
    ...variant,
    desiredCount: Math.max(0, variant.desiredCount - variant.count),
  }));
  checkQuota(world, { variants: added });
  changeEndpoint(world, endpoint.name, {
    status: 'Updating',
    failureReason: undefined,
    fleets: [{ ...fleet, variants }],
    activity: { kind: 'scale', startedAt: world.clock.now() },
  });
  goOn(world, endpoint.name);
  return { EndpointArn: endpoint.arn };
}

function updatable(world: World, name: string | undefined): EndpointRecord {
  const endpoint = foundEndpoint(world, name);
  requireSettled(endpoint);
  if (endpoint.status === 'Failed')
    throw invalid(`Cannot update endpoint "${endpoint.arn}" in status Failed.`);
  if (endpoint.fleets.length !== 1) {
    throw invalid(
      `Cannot update endpoint "${endpoint.arn}" in status ${endpoint.status}: it serves two configurations. Delete it and create it again.`,
    );
  }
  return endpoint;
}

function retained(input: UpdateEndpointInput) {
  const excluded = (input.ExcludeRetainedVariantProperties ?? []).map(
    ({ VariantPropertyType }) => VariantPropertyType,
  );
  const keeps = (property: (typeof excluded)[number]) =>
    input.RetainAllVariantProperties === true && !excluded.includes(property);
  return {
    counts: keeps('DesiredInstanceCount'),
    weights: keeps('DesiredWeight'),
    capture: keeps('DataCaptureConfig'),
  };
}

/** A guardrail compares each variant with itself. */
function requireSameVariants(blue: FleetRecord, green: FleetRecord) {
  const names = ({ variants }: FleetRecord) =>
    variants
      .map(({ name }) => name)
      .sort()
      .join(', ');
  if (names(blue) === names(green)) return;
  throw invalid(
    `With a DeploymentConfig the new endpoint configuration must have the same production variant names as the old one: ${names(blue)}, not ${names(green)}.`,
  );
}
