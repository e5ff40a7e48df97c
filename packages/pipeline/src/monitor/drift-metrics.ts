import { alarms, metrics, type AlarmSpec, type Aws, type Datum } from '@tidegate/aws';
import type { DriftFacts } from './drift-facts.ts';

const driftNamespace = 'Tidegate/Drift';

const driftAlarmName = (endpoint: string) => `${endpoint}-drift`;

/** How bad it is as a number, for alarms and graphs. An analysis that decided nothing reports nothing here. */
const severity = { none: 0, warn: 1, drift: 2 } as const;

export async function putDriftMetrics(
  aws: Aws,
  endpoint: string,
  { verdict, report }: Pick<DriftFacts, 'verdict' | 'report'>,
): Promise<void> {
  const overall = { Endpoint: endpoint };
  const data: Datum[] = [
    { name: 'Samples', dimensions: overall, value: report?.rows.current ?? 0, unit: 'Count' },
    ...(verdict === 'inconclusive'
      ? []
      : [{ name: 'Severity', dimensions: overall, value: severity[verdict] }]),
    ...(report?.features ?? [])
      .filter(({ value }) => Number.isFinite(value))
      .map(({ name, value }) => ({
        name: 'Drift',
        dimensions: { ...overall, Feature: metricSafe(name) },
        value,
      })),
  ];
  await metrics(aws).put(driftNamespace, data);
}

/** CloudWatch takes printable ASCII of at most 1024 characters in a dimension. */
const metricSafe = (name: string) => name.replace(/[^\x21-\x7e]+/g, '_').slice(0, 1024) || '_';

/** Goes off when a check said drift, and stays as it is between checks. */
export function driftAlarm(endpoint: string, tags: Record<string, string>): AlarmSpec {
  return {
    name: driftAlarmName(endpoint),
    description: `The traffic of ${endpoint} is no longer distributed as the data its model was trained on.`,
    watch: {
      namespace: driftNamespace,
      name: 'Severity',
      dimensions: { Endpoint: endpoint },
      statistic: 'Maximum',
    },
    periodSeconds: 300,
    evaluationPeriods: 1,
    above: severity.warn + 0.5,
    missingData: 'ignore',
    tags,
  };
}

/** Whether the alarm had to be made or changed. */
export async function ensureDriftAlarm(aws: Aws, spec: AlarmSpec): Promise<boolean> {
  const [found] = await alarms(aws).find([spec.name]);
  // Putting an alarm that is as it should be would lose nothing, but is a change that a plan would have to show.
  if (found !== undefined && found.threshold === spec.above && found.periodSeconds === spec.periodSeconds)
    return false;
  await alarms(aws).put(spec);
  return true;
}
