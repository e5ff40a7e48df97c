export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';
/** One period as the alarm sees it. */
export type Datum = 'breaching' | 'fine' | 'missing';

/** CloudWatch looks at this many periods more than it needs, in case some of the latest are missing. */
export const spareEvaluationPeriods = 2;

/**
 * The state an alarm takes, by the rules and tables of "How alarm state is evaluated when data is missing" in the
 * CloudWatch User Guide (alarms-and-missing-data).
 * @param data the evaluation range, oldest first
 * @param rule.periods EvaluationPeriods (N)
 * @param rule.datapoints DatapointsToAlarm (M)
 */
export function judge(
  data: readonly Datum[],
  rule: { periods: number; datapoints: number; missing: MissingData },
  current: AlarmState,
): AlarmState {
  const real = data.filter((datum) => datum !== 'missing');
  const evaluated = real.slice(-rule.periods);
  const breaching = evaluated.filter((datum) => datum === 'breaching').length;
  if (breaching >= rule.datapoints) return 'ALARM';
  const toFill = rule.periods - evaluated.length;
  if (toFill <= 0 || rule.missing === 'notBreaching') return 'OK';
  if (rule.missing === 'breaching') return breaching + toFill >= rule.datapoints ? 'ALARM' : 'OK';
  if (real.length === 0) return rule.missing === 'ignore' ? current : 'INSUFFICIENT_DATA';
  if (breaching === 0 || real.length >= rule.datapoints) return 'OK';
  // Some breach, but too few to tell. Unless told to ignore gaps, CloudWatch alarms once the oldest breach is as old as
  // DatapointsToAlarm and nothing better came after it (the table's "premature alarm state").
  const oldest = data.length - data.indexOf('breaching');
  const nothingBetter = !data.slice(data.indexOf('breaching')).includes('fine');
  return rule.missing === 'missing' && oldest >= rule.datapoints && nothingBetter ? 'ALARM' : current;
}

const comparisons: Record<
  string,
  { breaches: (value: number, threshold: number) => boolean; words: string }
> = {
  GreaterThanOrEqualToThreshold: {
    breaches: (value, threshold) => value >= threshold,
    words: 'greater than or equal to',
  },
  GreaterThanThreshold: { breaches: (value, threshold) => value > threshold, words: 'greater than' },
  LessThanThreshold: { breaches: (value, threshold) => value < threshold, words: 'less than' },
  LessThanOrEqualToThreshold: {
    breaches: (value, threshold) => value <= threshold,
    words: 'less than or equal to',
  },
};

/** @returns nothing for the operators of anomaly detection bands, which are not built */
export const comparison = (operator: string | undefined) => comparisons[operator ?? ''];
