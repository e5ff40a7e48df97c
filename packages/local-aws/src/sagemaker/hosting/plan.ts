import type { CapacitySize, DeploymentConfig } from '@aws-sdk/client-sagemaker';

/** Instances by variant. */
export type Counts = Record<string, number>;

/** One shift of traffic and the bake that follows it. */
export type Step = {
  /** Of the traffic, to the new fleet, 0 to 1. */
  share: number;
  /** Instances of the new fleet that must be healthy before the shift. */
  green: Counts;
  /** Instances of the old fleet that are kept while this step bakes, and those kept once it has. */
  blue: Counts;
  blueAfter: Counts;
  bakeSeconds: number;
  /** The setting the bake comes from, for the words of VariantStatus. */
  bakeOf: 'WaitIntervalInSeconds' | 'TerminationWaitInSeconds';
  /** `canary capacity of 1 instance(s)`, `full capacity of 3 instance(s)` */
  capacity: string;
};

/**
 * The steps of a deployment, from its policy and the sizes of both fleets.
 *
 * | policy      | steps                                                                                       |
 * |-------------|---------------------------------------------------------------------------------------------|
 * | ALL_AT_ONCE | everything, then TerminationWait                                                            |
 * | CANARY      | the canary, then WaitInterval; everything, then TerminationWait                             |
 * | LINEAR      | a step of traffic, then WaitInterval, until everything; then TerminationWait                |
 * | rolling     | a batch of instances and its share of traffic, then WaitInterval, then as many old ones end |
 *
 * SageMaker shifts traffic by whole instances. Here the share is exactly the percentage that was asked for; only a
 * variant of one instance has no part to begin with, so that its first step is everything, and so are the endpoints that
 * deployment guardrails exclude (Inf1 instances; rolling updates of several variants), those without a bake.
 */
export function planOf(
  config: DeploymentConfig | undefined,
  fleets: { blue: Counts; green: Counts; instanceTypes: readonly string[] },
): Step[] {
  const { blue, green } = fleets;
  const rolling = config?.RollingUpdatePolicy;
  const everything = (bakeSeconds: number): Step => ({
    share: 1,
    green,
    blue,
    blueAfter: none(blue),
    bakeSeconds,
    bakeOf: 'TerminationWaitInSeconds',
    capacity: `full capacity of ${total(green)} instance(s)`,
  });
  if (isExcluded(fleets.instanceTypes) || (rolling && Object.keys(green).length > 1)) return [everything(0)];
  if (rolling) return rollingSteps(rolling.MaximumBatchSize, rolling.WaitIntervalInSeconds ?? 0, blue, green);

  const policy = config?.BlueGreenUpdatePolicy;
  const routing = policy?.TrafficRoutingConfiguration;
  const last = everything(policy?.TerminationWaitInSeconds ?? 0);
  if (routing === undefined || routing.Type === 'ALL_AT_ONCE') return [last];
  const size = routing.Type === 'CANARY' ? routing.CanarySize : routing.LinearStepSize;
  const fraction = smallestShare(size, green);
  const steps: Step[] = [];
  for (let share = fraction; share < 1 - 1e-9; share += fraction) {
    steps.push({
      ...last,
      share: Math.round(share * 1e6) / 1e6,
      blueAfter: blue,
      bakeSeconds: routing.WaitIntervalInSeconds ?? 0,
      bakeOf: 'WaitIntervalInSeconds',
      capacity: `canary capacity of ${Math.ceil(share * total(green) - 1e-9)} instance(s)`,
    });
    if (routing.Type === 'CANARY') break;
  }
  return [...steps, last];
}

/** Seconds spent baking, all steps together: MaximumExecutionTimeoutInSeconds must be more. */
export const totalBakeSeconds = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + step.bakeSeconds, 0);

/** A size as a number of instances, at least one. */
export function instancesOf(size: CapacitySize | undefined, count: number): number {
  const value = size?.Value ?? 100;
  return size?.Type === 'INSTANCE_COUNT' ? value : Math.max(1, Math.ceil((value * count) / 100));
}

/** Guardrails do not apply to these: AWS says nothing, and shifts all at once without a final bake. */
const isExcluded = (instanceTypes: readonly string[]): boolean =>
  instanceTypes.some((type) => type.startsWith('ml.inf1.'));

function rollingSteps(
  size: CapacitySize | undefined,
  waitSeconds: number,
  blue: Counts,
  green: Counts,
): Step[] {
  const [variant = '', count = 1] = Object.entries(green)[0] ?? [];
  const old = blue[variant] ?? 0;
  const batch = instancesOf(size, count);
  const steps: Step[] = [];
  for (let up = Math.min(batch, count), before = old; ; up = Math.min(up + batch, count)) {
    const share = up / count;
    const after = old - Math.floor(old * share + 1e-9);
    steps.push({
      share,
      green: { [variant]: up },
      blue: { [variant]: before },
      blueAfter: { [variant]: after },
      bakeSeconds: waitSeconds,
      bakeOf: 'WaitIntervalInSeconds',
      capacity: `${up === count ? 'full ' : ''}capacity of ${up} instance(s)`,
    });
    before = after;
    if (up === count) return steps;
  }
}

/** The same share for every variant: the one of the variant that can be divided least. */
function smallestShare(size: CapacitySize | undefined, green: Counts): number {
  return Math.max(
    ...Object.values(green).map((count) => {
      if (count <= 1) return 1;
      return size?.Type === 'INSTANCE_COUNT'
        ? Math.min(1, (size.Value ?? 1) / count)
        : (size?.Value ?? 100) / 100;
    }),
  );
}

const none = (counts: Counts): Counts => Object.fromEntries(Object.keys(counts).map((name) => [name, 0]));
const total = (counts: Counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
