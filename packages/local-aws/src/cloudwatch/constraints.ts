import { ComparisonOperator, StandardUnit, StateValue, Statistic } from '@aws-sdk/client-cloudwatch';
import type { Constraints } from '../kernel/constraints.ts';

const name = { min: 1, max: 255 };
const unit = { enum: Object.values(StandardUnit) };
const statistic = { enum: Object.values(Statistic) };

/** Lengths and enums of CloudWatch's requests, from the service model. */
export const cloudwatchConstraints: Constraints = {
  'PutMetricDataInput.Namespace': name,
  'MetricDatum.MetricName': name,
  'MetricDatum.Unit': unit,
  'Dimension.Name': name,
  'Dimension.Value': { min: 1, max: 1024 },
  'MetricStat.Unit': unit,
  'GetMetricStatisticsInput.Unit': unit,
  'PutMetricAlarmInput.AlarmName': name,
  'PutMetricAlarmInput.AlarmDescription': { max: 1024 },
  'PutMetricAlarmInput.MetricName': name,
  'PutMetricAlarmInput.Namespace': name,
  'PutMetricAlarmInput.Statistic': statistic,
  'PutMetricAlarmInput.Unit': unit,
  'PutMetricAlarmInput.ComparisonOperator': { enum: Object.values(ComparisonOperator) },
  'PutMetricAlarmInput.AlarmActions': { max: 5 },
  'PutMetricAlarmInput.OKActions': { max: 5 },
  'PutMetricAlarmInput.InsufficientDataActions': { max: 5 },
  'PutCompositeAlarmInput.AlarmName': name,
  'PutCompositeAlarmInput.AlarmRule': { min: 1, max: 10_240 },
  'SetAlarmStateInput.AlarmName': name,
  'SetAlarmStateInput.StateValue': { enum: Object.values(StateValue) },
  'SetAlarmStateInput.StateReason': { max: 1023 },
  'DescribeAlarmsInput.AlarmNames': { max: 100 },
  'DescribeAlarmsInput.MaxRecords': { min: 1, max: 100 },
  'DeleteAlarmsInput.AlarmNames': { max: 100 },
};
