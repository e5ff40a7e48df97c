import type {
  DeleteAlarmsInput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../kernel/errors.ts';
import type { CreateService, Operation, World } from '../kernel/world.ts';
import { alarmTable } from './alarm-records.ts';
import { setState, unwatchAlarm, watchAlarm } from './alarms.ts';
import { alarmsIn, parseRule } from './composite-rule.ts';
import { cloudwatchConstraints } from './constraints.ts';
import { describeAlarmHistory, describeAlarms, describeAlarmsForMetric } from './describe-alarms.ts';
import { putCompositeAlarm, putMetricAlarm } from './put-alarm.ts';
import { putMetricData } from './put-metric-data.ts';
import { getMetricData, getMetricStatistics, listMetrics } from './read-metrics.ts';

export const createCloudwatch: CreateService = (world) => {
  const on =
    <Input, Output>(operation: (world: World, input: Input) => Output): Operation<Input, Output> =>
    (input) =>
      operation(world, input);
  return {
    operations: {
      PutMetricData: on(putMetricData),
      GetMetricData: on(getMetricData),
      GetMetricStatistics: on(getMetricStatistics),
      ListMetrics: on(listMetrics),
      PutMetricAlarm: on(putMetricAlarm),
      PutCompositeAlarm: on(putCompositeAlarm),
      DescribeAlarms: on(describeAlarms),
      DescribeAlarmsForMetric: on(describeAlarmsForMetric),
      DescribeAlarmHistory: on(describeAlarmHistory),
      DeleteAlarms: on(deleteAlarms),
      SetAlarmState: on(setAlarmState),
      EnableAlarmActions: on((world: World, input: EnableAlarmActionsInput) =>
        switchActions(world, input, true),
      ),
      DisableAlarmActions: on((world: World, input: DisableAlarmActionsInput) =>
        switchActions(world, input, false),
      ),
    },
    constraints: cloudwatchConstraints,
    resume() {
      for (const name of alarmTable(world).keys()) watchAlarm(world, name);
    },
  };
};

/** All or none: a name that does not exist, or that a composite alarm still speaks of, deletes nothing. */
function deleteAlarms(world: World, input: DeleteAlarmsInput) {
  const names = input.AlarmNames ?? [];
  const missing = names.filter((name) => alarmTable(world).get(name) === undefined);
  if (missing.length > 0)
    throw new AwsError('ResourceNotFound', `Alarms not found: ${missing.join(', ')}`, 404);
  for (const other of alarmTable(world).values()) {
    if (other.kind !== 'composite' || names.includes(other.name)) continue;
    const used = alarmsIn(parseRule(other.settings.AlarmRule ?? '')).filter((name) => names.includes(name));
    if (used.length > 0)
      throw new AwsError('ValidationError', `Alarm ${used[0]} is used by the composite alarm ${other.name}`);
  }
  for (const name of names) {
    unwatchAlarm(world, name);
    alarmTable(world).delete(name);
  }
  return {};
}

/** Holds until the next evaluation, as in AWS. */
function setAlarmState(world: World, input: SetAlarmStateInput) {
  const alarm = found(world, input.AlarmName);
  setState(
    world,
    alarm,
    input.StateValue ?? 'INSUFFICIENT_DATA',
    input.StateReason ?? '',
    input.StateReasonData,
  );
  if (alarm.kind === 'metric') watchAlarm(world, alarm.name);
  return {};
}

function switchActions(world: World, input: EnableAlarmActionsInput, actionsEnabled: boolean) {
  for (const name of input.AlarmNames ?? []) {
    const alarm = alarmTable(world).get(name);
    if (alarm) alarmTable(world).put(name, { ...alarm, actionsEnabled });
  }
  return {};
}

function found(world: World, name: string | undefined) {
  const alarm = alarmTable(world).get(name ?? '');
  if (alarm === undefined) throw new AwsError('ResourceNotFound', `Unknown alarm ${name}`, 404);
  return alarm;
}
