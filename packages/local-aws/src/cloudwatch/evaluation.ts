import type { World } from '../kernel/world.ts';
import type { MetricAlarmRecord } from './alarm-records.ts';
import { alarmQueries, watchedId } from './alarm-queries.ts';
import { comparison, judge, spareEvaluationPeriods } from './judge.ts';
import type { AlarmState, Datum, MissingData } from './judge.ts';
import { longestPeriod, runQueries, seriesRead } from './queries.ts';
import { tallies } from './series.ts';

export type Evaluation = {
  state: AlarmState;
  reason: string;
  reasonData: string;
  /** Whether any of the alarm's metrics has a value in the evaluation range. */
  hasData: boolean;
};

/** What the alarm makes of the periods that end now. */
export function evaluateAlarm(world: World, alarm: MetricAlarmRecord): Evaluation {
  const { settings } = alarm;
  const queries = alarmQueries(settings);
  const periodMs = longestPeriod(queries) * 1000;
  const periods = settings.EvaluationPeriods ?? 1;
  const datapoints = settings.DatapointsToAlarm ?? periods;
  const missing = (settings.TreatMissingData ?? 'missing') as MissingData;
  const threshold = settings.Threshold ?? 0;
  const compare = comparison(settings.ComparisonOperator);
  // Timers fire a little after their time: the periods end where the evaluation was due, not where it began.
  const intervalMs = evaluationIntervalMs(alarm);
  const to = Math.floor(world.clock.now() / intervalMs) * intervalMs;
  const length = periods + spareEvaluationPeriods;
  const range = { from: to - length * periodMs, to, offset: to % periodMs };

  const values = runQueries(world, queries, range).get(watchedId(queries)) ?? new Map<number, number>();
  const starts = Array.from({ length }, (_, index) => range.from + index * periodMs);
  const data = starts.map((at): Datum => {
    const value = values.get(at);
    if (value === undefined) return 'missing';
    return compare?.breaches(value, threshold) ? 'breaching' : 'fine';
  });
  const state = judge(data, { periods, datapoints, missing }, alarm.state);
  const recent = starts
    .flatMap((at) => (values.has(at) ? [{ at, value: values.get(at) as number }] : []))
    .slice(-periods);
  return {
    state,
    reason: reasonFor(),
    reasonData: JSON.stringify({
      version: '1.0',
      queryDate: awsTime(to),
      ...(recent[0] && { startDate: awsTime(recent[0].at) }),
      period: periodMs / 1000,
      recentDatapoints: recent.map(({ value }) => value),
      threshold,
      ...(settings.Statistic && { statistic: settings.Statistic }),
    }),
    hasData: seriesRead(world, queries).some((series) => tallies(series, { ...range, periodMs }).size > 0),
  };

  function reasonFor(): string {
    if (state === 'INSUFFICIENT_DATA')
      return `Insufficient Data: ${periods} datapoint${periods === 1 ? ' was' : 's were'} unknown.`;
    if (recent.length === 0) {
      const treated = missing === 'breaching' ? 'Breaching' : 'NonBreaching';
      return `Threshold Crossed: no datapoints were received for ${counted(periods, 'period')} and ${counted(periods, 'missing datapoint')} ${periods === 1 ? 'was' : 'were'} treated as [${treated}].`;
    }
    const crossing = recent.filter(
      ({ value }) => (compare?.breaches(value, threshold) ?? false) === (state === 'ALARM'),
    );
    const listed = crossing.map(({ at, value }) => `${decimal(value)} (${shortTime(at)})`).join(', ');
    const verb = `${crossing.length === 1 ? 'was' : 'were'} ${state === 'ALARM' ? '' : 'not '}${compare?.words}`;
    const change = state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK';
    const needed = state === 'ALARM' ? datapoints : periods - datapoints + 1;
    return `Threshold Crossed: ${crossing.length} out of the last ${counted(recent.length, 'datapoint')} [${listed}] ${verb} the threshold (${decimal(threshold)}) (minimum ${counted(needed, 'datapoint')} for ${change} transition).`;
  }
}

/** Metric alarms are evaluated on every full minute, or on every full period if that is shorter. */
export const evaluationIntervalMs = (alarm: MetricAlarmRecord): number =>
  Math.min(longestPeriod(alarmQueries(alarm.settings)), 60) * 1000;

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`;
const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** `2026-11-23T05:54:00.000+0000`, as CloudWatch writes times in its events. */
export const awsTime = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** `23/11/26 05:54:00`, as CloudWatch writes times in its reasons. */
function shortTime(at: number): string {
  const [, year, month, day, time] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(at).toISOString()) ?? [];
  return `${day}/${month}/${year} ${time}`;
}
