import type { CapacitySize, DeploymentConfig } from '@aws-sdk/client-sagemaker';

/** A share of the new fleet, or a number of its instances. */
export type Capacity = { percent: number } | { instances: number };

/** How traffic goes over to a new config, and which alarms bring it back. */
export type Rollout = {
  shift:
    | { type: 'all-at-once'; waitSeconds: number }
    | { type: 'canary'; size: Capacity; waitSeconds: number }
    | { type: 'linear'; step: Capacity; waitSeconds: number }
    | { type: 'rolling'; batch: Capacity; waitSeconds: number };
  /** How long the old fleet is kept after all traffic has moved; blue/green only, 0 for rolling. */
  terminationWaitSeconds: number;
  maxExecutionSeconds: number | null;
  alarmNames: string[];
};

export function toDeploymentConfig(rollout: Rollout): DeploymentConfig {
  const { shift } = rollout;
  const limit =
    rollout.maxExecutionSeconds === null
      ? {}
      : { MaximumExecutionTimeoutInSeconds: rollout.maxExecutionSeconds };
  const alarms =
    rollout.alarmNames.length === 0
      ? {}
      : { AutoRollbackConfiguration: { Alarms: rollout.alarmNames.map((AlarmName) => ({ AlarmName })) } };
  if (shift.type === 'rolling') {
    return {
      RollingUpdatePolicy: {
        MaximumBatchSize: toCapacity(shift.batch),
        WaitIntervalInSeconds: shift.waitSeconds,
        ...limit,
      },
      ...alarms,
    };
  }
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: {
        Type: shift.type === 'canary' ? 'CANARY' : shift.type === 'linear' ? 'LINEAR' : 'ALL_AT_ONCE',
        WaitIntervalInSeconds: shift.waitSeconds,
        ...(shift.type === 'canary' ? { CanarySize: toCapacity(shift.size) } : {}),
        ...(shift.type === 'linear' ? { LinearStepSize: toCapacity(shift.step) } : {}),
      },
      TerminationWaitInSeconds: rollout.terminationWaitSeconds,
      ...limit,
    },
    ...alarms,
  };
}

export function fromDeploymentConfig(config: DeploymentConfig): Rollout {
  const alarmNames = (config.AutoRollbackConfiguration?.Alarms ?? []).flatMap(
    ({ AlarmName }) => AlarmName ?? [],
  );
  const rolling = config.RollingUpdatePolicy;
  if (rolling) {
    return {
      shift: {
        type: 'rolling',
        batch: fromCapacity(rolling.MaximumBatchSize),
        waitSeconds: rolling.WaitIntervalInSeconds ?? 0,
      },
      terminationWaitSeconds: 0,
      maxExecutionSeconds: rolling.MaximumExecutionTimeoutInSeconds ?? null,
      alarmNames,
    };
  }
  const policy = config.BlueGreenUpdatePolicy;
  const routing = policy?.TrafficRoutingConfiguration;
  const waitSeconds = routing?.WaitIntervalInSeconds ?? 0;
  return {
    shift:
      routing?.Type === 'CANARY'
        ? { type: 'canary', size: fromCapacity(routing.CanarySize), waitSeconds }
        : routing?.Type === 'LINEAR'
          ? { type: 'linear', step: fromCapacity(routing.LinearStepSize), waitSeconds }
          : { type: 'all-at-once', waitSeconds },
    terminationWaitSeconds: policy?.TerminationWaitInSeconds ?? 0,
    maxExecutionSeconds: policy?.MaximumExecutionTimeoutInSeconds ?? null,
    alarmNames,
  };
}

function toCapacity(size: Capacity): CapacitySize {
  return 'percent' in size
    ? { Type: 'CAPACITY_PERCENT', Value: size.percent }
    : { Type: 'INSTANCE_COUNT', Value: size.instances };
}

function fromCapacity(size: CapacitySize | undefined): Capacity {
  return size?.Type === 'INSTANCE_COUNT' ? { instances: size.Value ?? 0 } : { percent: size?.Value ?? 0 };
}
