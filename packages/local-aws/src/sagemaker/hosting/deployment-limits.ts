import type { CapacitySize, DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { AwsError } from '../../kernel/errors.ts';
import { totalBakeSeconds } from './plan.ts';
import type { Counts, Step } from './plan.ts';

/** What can be said of a DeploymentConfig without knowing the fleets. Lengths and ranges are in `hostingConstraints`. */
export function checkDeploymentConfig(config: DeploymentConfig): void {
  const { BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling } = config;
  if (blueGreen && rolling) {
    throw invalid(
      'DeploymentConfig must have either BlueGreenUpdatePolicy or RollingUpdatePolicy, not both.',
    );
  }
  const routing = blueGreen?.TrafficRoutingConfiguration;
  if (routing?.Type === 'CANARY') {
    if (!routing.CanarySize) throw invalid('CanarySize is required for the traffic routing type CANARY.');
    checkPercent('CanarySize', routing.CanarySize, 1, 50);
  }
  if (routing?.Type === 'LINEAR') {
    if (!routing.LinearStepSize)
      throw invalid('LinearStepSize is required for the traffic routing type LINEAR.');
    checkPercent('LinearStepSize', routing.LinearStepSize, 10, 50);
  }
  if (routing?.CanarySize && routing.Type !== 'CANARY') {
    throw invalid(`CanarySize is not allowed for the traffic routing type ${routing.Type}.`);
  }
  if (routing?.LinearStepSize && routing.Type !== 'LINEAR') {
    throw invalid(`LinearStepSize is not allowed for the traffic routing type ${routing.Type}.`);
  }
  if (rolling?.MaximumBatchSize) checkPercent('MaximumBatchSize', rolling.MaximumBatchSize, 5, 50);
  if (rolling?.RollbackMaximumBatchSize)
    checkPercent('RollbackMaximumBatchSize', rolling.RollbackMaximumBatchSize, 5, 100);
}

/** What can be said once the sizes of the fleets are known. */
export function checkAgainstFleet(config: DeploymentConfig, green: Counts, steps: readonly Step[]): void {
  const routing = config.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration;
  for (const [variant, count] of Object.entries(green)) {
    checkInstances('CanarySize', routing?.CanarySize, variant, count, 0, 50);
    checkInstances('LinearStepSize', routing?.LinearStepSize, variant, count, 10, 50);
    checkInstances('MaximumBatchSize', config.RollingUpdatePolicy?.MaximumBatchSize, variant, count, 5, 50);
  }
  const limit =
    config.BlueGreenUpdatePolicy?.MaximumExecutionTimeoutInSeconds ??
    config.RollingUpdatePolicy?.MaximumExecutionTimeoutInSeconds;
  const waits = totalBakeSeconds(steps);
  if (limit !== undefined && limit <= waits) {
    throw invalid(
      `MaximumExecutionTimeoutInSeconds (${limit}) must be larger than the total waiting time (${waits}) of WaitIntervalInSeconds and TerminationWaitInSeconds.`,
    );
  }
}

function checkPercent(name: string, { Type, Value = 0 }: CapacitySize, from: number, to: number) {
  if (Type === 'CAPACITY_PERCENT' && (Value < from || Value > to)) {
    throw invalid(
      `${name} must be between ${from}% and ${to}% of the variant's total instance count, not ${Value}%.`,
    );
  }
}

function checkInstances(
  name: string,
  size: CapacitySize | undefined,
  variant: string,
  count: number,
  from: number,
  to: number,
) {
  if (size?.Type !== 'INSTANCE_COUNT') return;
  const percent = (100 * (size.Value ?? 0)) / count;
  if (percent < from || percent > to) {
    throw invalid(
      `${name} of ${size.Value} instance(s) must be between ${from}% and ${to}% of the total instance count of variant ${variant}, which is ${count}.`,
    );
  }
}

const invalid = (message: string) => new AwsError('ValidationException', message);
