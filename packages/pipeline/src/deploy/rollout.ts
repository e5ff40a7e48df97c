import type { Capacity, Rollout } from '@tidegate/aws';
import type { RollbackOn, RolloutSettings } from './settings.ts';

/** What CloudWatch needs beyond an alarm's own periods: a datapoint is complete a little after its minute. */
const alarmDelaySeconds = 60;
/** Instances of a new fleet are fetched, started and found healthy within this, or AWS gives the deployment up. */
const provisioningSeconds = 45 * 60;

export const seconds = (ms: number) => Math.ceil(ms / 1000);

/** The least bake in which an alarm over `periods` datapoints of `period` milliseconds can fire. */
export function leastBakeSeconds({ period, periods }: Pick<RollbackOn, 'period' | 'periods'>): number {
  return seconds(period) * periods + alarmDelaySeconds;
}

/** The rollout in AWS's terms, armed with these alarms. */
export function rolloutOf(
  settings: RolloutSettings,
  rollbackOn: RollbackOn,
  alarmNames: readonly string[],
): Rollout {
  const shift = shiftOf(settings);
  const terminationWaitSeconds = finalBakeSeconds(settings, rollbackOn, alarmNames);
  const maxExecutionSeconds =
    settings.maxExecution === undefined
      ? Math.min(28_800, Math.max(600, waitSeconds({ shift, terminationWaitSeconds }) + provisioningSeconds))
      : seconds(settings.maxExecution);
  return { shift, terminationWaitSeconds, maxExecutionSeconds, alarmNames: [...alarmNames] };
}

function finalBakeSeconds(
  settings: RolloutSettings,
  rollbackOn: RollbackOn,
  alarmNames: readonly string[],
): number {
  if (settings.strategy === 'rolling') return 0;
  if (settings.finalBake !== undefined) return seconds(settings.finalBake);
  // All at once has no other bake; after a canary or steps the new fleet has been watched already, so the least will do.
  if (settings.strategy === 'all-at-once') return seconds(settings.bake);
  return alarmNames.length === 0 ? 0 : leastBakeSeconds(rollbackOn);
}

function shiftOf({ strategy, canaryPercent, stepPercent, bake }: RolloutSettings): Rollout['shift'] {
  const waitSeconds = seconds(bake);
  switch (strategy) {
    case 'all-at-once':
      return { type: 'all-at-once', waitSeconds: 0 };
    case 'canary':
      return { type: 'canary', size: { percent: canaryPercent }, waitSeconds };
    case 'linear':
      return { type: 'linear', step: { percent: stepPercent }, waitSeconds };
    case 'rolling':
      return { type: 'rolling', batch: { percent: stepPercent }, waitSeconds };
    default:
      return strategy satisfies never;
  }
}

/** The waits that a deployment goes through when nothing fails. */
export function waitSeconds({
  shift,
  terminationWaitSeconds,
}: Pick<Rollout, 'shift' | 'terminationWaitSeconds'>): number {
  return waits(shift) * shift.waitSeconds + terminationWaitSeconds;
}

function waits(shift: Rollout['shift']): number {
  const steps = (size: Capacity) => ('percent' in size ? Math.ceil(100 / size.percent) : 1);
  // The last linear step has all of the traffic, and the final bake follows it.
  if (shift.type === 'linear') return steps(shift.step) - 1;
  return shift.type === 'rolling' ? steps(shift.batch) : 1;
}

/** `canary 10 % for 10m`: for a plan, a log line, a comment. */
export function describeRollout({ shift, terminationWaitSeconds }: Rollout): string {
  const final = terminationWaitSeconds === 0 ? '' : `, then ${span(terminationWaitSeconds)} with all of it`;
  const wait = span(shift.waitSeconds);
  switch (shift.type) {
    case 'all-at-once':
      return `all at once, old fleet kept for ${span(terminationWaitSeconds)}`;
    case 'canary':
      return `canary ${capacity(shift.size)} for ${wait}${final}`;
    case 'linear':
      return `linear, ${capacity(shift.step)} every ${wait}${final}`;
    case 'rolling':
      return `rolling, ${capacity(shift.batch)} every ${wait}`;
    default:
      return shift satisfies never;
  }
}

const capacity = (size: Capacity) =>
  'percent' in size ? `${size.percent} %` : `${size.instances} instances`;

/** `600` → `10m`; `90` → `1m30s`. */
export function span(totalSeconds: number): string {
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = Math.floor((totalSeconds % 3600) / 60);
  const rest = Math.round((totalSeconds % 60) * 10) / 10;
  const parts = [hours > 0 && `${hours}h`, minutes > 0 && `${minutes}m`, rest > 0 && `${rest}s`];
  return parts.filter(Boolean).join('') || '0s';
}
