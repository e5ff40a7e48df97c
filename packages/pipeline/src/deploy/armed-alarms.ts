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

export function alarmNames(endpoint: string, { errorRate, p99Latency }: RollbackOn): string[] {
  return [
    ...(errorRate === undefined ? [] : [`${endpoint}-5xx`]),
    ...(p99Latency === undefined ? [] : [`${endpoint}-p99`]),
  ];
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
  if (on.p99Latency !== undefined)
    specs.push({
      ...shared,
      name: `${fleet.endpoint}-p99`,
      description: `Takes ${fleet.config} back when its p99 latency is above ${on.p99Latency} ms.`,
      // ModelLatency is in microseconds.
      above: on.p99Latency * 1000,
      watch: fleetMetric(fleet, 'ModelLatency', 'p99'),
    });
  return specs;
}
