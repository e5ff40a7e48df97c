import type { AlarmSpec, Query } from '@tidegate/aws';
import { seconds } from './rollout.ts';
import type { RollbackOn } from './settings.ts';

export type Fleet = { endpoint: string; variant: string; config: string };

/** A metric of one fleet: AWS adds EndpointConfigName while two are there, so that the old one's errors do not count. */
export function fleetMetric({ endpoint, variant, config }: Fleet, name: string, statistic: string): Query {
  return {
    namespace: 'AWS/SageMaker',
    name,
    statistic,
    dimensions: { EndpointName: endpoint, VariantName: variant, EndpointConfigName: config },
  };
}

/** The alarms that we would make, without making them. */
export function alarmNames(endpoint: string, on: RollbackOn): string[] {
  return armedAlarms({ endpoint, variant: '', config: '' }, on, {}).map(({ name }) => name);
}

/** The alarms that watch a new fleet. A fleet without requests has no datapoints, and that is no error. */
export function armedAlarms(fleet: Fleet, on: RollbackOn, tags: Record<string, string>): AlarmSpec[] {
  const specs: AlarmSpec[] = [];
  const shared = {
    periodSeconds: seconds(on.period),
    evaluationPeriods: on.periods,
    missingData: 'notBreaching',
    tags,
  } as const;
  if (on.errorRate !== undefined)
    specs.push({
      ...shared,
      name: `${fleet.endpoint}-5xx`,
      description: `Takes ${fleet.config} back when more than ${on.errorRate * 100} % of its requests fail.`,
      above: on.errorRate * 100,
      watch: {
        // Errors of the model that are not the caller's: a timeout or a broken connection is no 5xx, but is the model's fault too.
        expression: '100 * (failures - rejections) / requests',
        label: 'failed requests, %',
        queries: {
          failures: fleetMetric(fleet, 'InvocationModelErrors', 'Sum'),
          rejections: fleetMetric(fleet, 'Invocation4XXErrors', 'Sum'),
          requests: fleetMetric(fleet, 'Invocations', 'Sum'),
        },
      },
    });
  const percentiles = { p95: on.p95Latency, p99: on.p99Latency };
  for (const [percentile, limit] of Object.entries(percentiles)) {
    if (limit === undefined) continue;
    specs.push({
      ...shared,
      name: `${fleet.endpoint}-${percentile}`,
      description: `Takes ${fleet.config} back when its ${percentile} latency is above ${limit} ms.`,
      // ModelLatency is in microseconds.
      above: limit * 1000,
      watch: fleetMetric(fleet, 'ModelLatency', percentile),
    });
  }
  return specs;
}
