import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { alarmArn, alarmTable } from './alarm-records.ts';
import type { AlarmRecord } from './alarm-records.ts';
import { watchAlarm } from './alarms.ts';
import { alarmsIn, parseRule } from './composite-rule.ts';
import { addHistory } from './history.ts';
import { comparison } from './judge.ts';
import { checkQueries } from './queries.ts';
import { isStatistic } from './tally.ts';

const initialReason = 'Unchecked: Initial alarm creation';

/** Creates the alarm, or puts a new configuration in place of its old one: its state is then kept until it is evaluated. */
export function putMetricAlarm(world: World, input: PutMetricAlarmInput): Record<string, never> {
  checkMetricAlarm(input);
  put(world, 'metric', input, input.ActionsEnabled ?? true);
  return {};
}

export function putCompositeAlarm(world: World, input: PutCompositeAlarmInput): Record<string, never> {
  if (input.ActionsSuppressor !== undefined) throw notBuilt('PutCompositeAlarm with ActionsSuppressor');
  const named = alarmsIn(parseRule(input.AlarmRule ?? ''));
  const unknown = named.filter(
    (name) => name === input.AlarmName || alarmTable(world).get(name) === undefined,
  );
  if (unknown.length > 0) {
    throw invalid(
      `The AlarmRule of ${input.AlarmName} refers to alarms that do not exist: ${unknown.join(', ')}`,
    );
  }
  put(world, 'composite', input, input.ActionsEnabled ?? true);
  return {};
}

function put(
  world: World,
  kind: AlarmRecord['kind'],
  settings: PutMetricAlarmInput | PutCompositeAlarmInput,
  actionsEnabled: boolean,
) {
  const name = settings.AlarmName ?? '';
  const now = world.clock.now();
  const before = alarmTable(world).get(name);
  if (before && before.kind !== kind) throw invalid(`${name} is already the name of a ${before.kind} alarm.`);
  const fresh = {
    state: 'INSUFFICIENT_DATA',
    reason: initialReason,
    stateUpdatedAt: now,
    stateChangedAt: now,
  };
  const alarm = {
    ...(before ?? fresh),
    name,
    arn: alarmArn(world, name),
    kind,
    settings,
    actionsEnabled,
    configuredAt: now,
  } as AlarmRecord;
  alarmTable(world).put(name, alarm);
  const what = before ? 'updated' : 'created';
  addHistory(world, alarm, 'ConfigurationUpdate', `Alarm "${name}" ${what}`, {
    type: before ? 'Update' : 'Create',
    ...(before ? { updatedAlarm: settings } : { createdAlarm: settings }),
  });
  watchAlarm(world, name);
}

function checkMetricAlarm(input: PutMetricAlarmInput) {
  if (input.EvaluationCriteria || input.EvaluationWindow || input.EvaluationInterval !== undefined) {
    throw notBuilt('PutMetricAlarm with EvaluationCriteria, EvaluationWindow or EvaluationInterval');
  }
  if (
    input.ThresholdMetricId !== undefined ||
    (input.ComparisonOperator && !comparison(input.ComparisonOperator))
  ) {
    throw notBuilt('PutMetricAlarm with an anomaly detection band');
  }
  if (!input.ComparisonOperator) throw invalid('The parameter ComparisonOperator must be specified.');
  if (input.Threshold === undefined || !Number.isFinite(input.Threshold)) {
    throw invalid('The parameter Threshold must be specified and be a finite number.');
  }
  const { EvaluationPeriods: periods, DatapointsToAlarm: datapoints = periods } = input;
  if (periods === undefined || periods < 1)
    throw invalid('The parameter EvaluationPeriods must be greater than 0.');
  if (datapoints === undefined || datapoints < 1 || datapoints > periods) {
    throw invalid('The parameter DatapointsToAlarm must be between 1 and EvaluationPeriods.');
  }
  const missing = input.TreatMissingData;
  if (missing !== undefined && !['missing', 'ignore', 'breaching', 'notBreaching'].includes(missing)) {
    throw invalid(
      `Option ${missing} is not supported for TreatMissingData parameter. Supported options include breaching, notBreaching, ignore and missing.`,
    );
  }
  if (input.EvaluateLowSampleCountPercentile === 'ignore') {
    throw notBuilt('PutMetricAlarm with EvaluateLowSampleCountPercentile ignore');
  }
  const plain = (
    ['Namespace', 'MetricName', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit'] as const
  ).filter((member) => input[member] !== undefined);
  if (input.Metrics) {
    if (plain.length > 0) {
      throw new AwsError(
        'InvalidParameterCombination',
        `The parameters Metrics and ${plain.join(', ')} are mutually exclusive.`,
      );
    }
    checkQueries(input.Metrics);
    if (input.Metrics.filter((query) => query.ReturnData ?? true).length !== 1) {
      throw invalid('Exactly one element of the metrics list should return data.');
    }
    return;
  }
  for (const member of ['Namespace', 'MetricName', 'Period'] as const) {
    if (input[member] === undefined)
      throw new AwsError('MissingParameter', `The parameter ${member} is required.`);
  }
  if ((input.Statistic === undefined) === (input.ExtendedStatistic === undefined)) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Exactly one of the parameters Statistic and ExtendedStatistic must be specified.',
    );
  }
  const statistic = input.Statistic ?? input.ExtendedStatistic ?? '';
  if (!isStatistic(statistic)) throw notBuilt(`The statistic ${statistic}`);
  const period = input.Period ?? 0;
  if (!([10, 20, 30].includes(period) || (period > 0 && period % 60 === 0))) {
    throw invalid('Period must be 10, 20, 30 or a multiple of 60');
  }
}

const invalid = (message: string) => new AwsError('ValidationError', message);
