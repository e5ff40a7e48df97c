import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import type { DeploymentConfig, DescribeEndpointOutput } from '@aws-sdk/client-sagemaker';
import type { Stage } from './stage.ts';

/** A tenth of the traffic for five minutes, then everything for two. */
export const canary = (alarms: string[]): DeploymentConfig => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: 'CANARY',
      CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 },
      WaitIntervalInSeconds: 300,
    },
    TerminationWaitInSeconds: 120,
    MaximumExecutionTimeoutInSeconds: 1800,
  },
  AutoRollbackConfiguration: { Alarms: alarms.map((AlarmName) => ({ AlarmName })) },
});

/** More than 1 % of 5xx among the new fleet's requests of a minute. */
export async function putErrorAlarm({ cloudwatch }: Stage, endpoint: string, config: string) {
  const metric = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/SageMaker',
        MetricName,
        Dimensions: [
          { Name: 'EndpointName', Value: endpoint },
          { Name: 'VariantName', Value: 'main' },
          { Name: 'EndpointConfigName', Value: config },
        ],
      },
      Period: 60,
      Stat: 'Sum',
    },
  });
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: `${endpoint}-5xx`,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      Metrics: [
        { Id: 'rate', Expression: '100*(m5xx/invocations)', Label: 'error rate', ReturnData: true },
        metric('m5xx', 'Invocation5XXErrors'),
        metric('invocations', 'Invocations'),
      ],
    }),
  );
}

/** Version 2 beside the version 1 that serves. */
export async function update(
  stage: Stage,
  endpoint: string,
  options: { environment?: Record<string, string>; count?: number; deploy?: DeploymentConfig },
) {
  await stage.createModel(`${endpoint}-2`, options.environment);
  await stage.createConfig(`${endpoint}-2`, [{ InitialInstanceCount: options.count ?? 2 }]);
  await stage.sagemaker.send(
    new UpdateEndpointCommand({
      EndpointName: endpoint,
      EndpointConfigName: `${endpoint}-2`,
      ...(options.deploy && { DeploymentConfig: options.deploy }),
    }),
  );
}

/** Waits for the next bake; the instances of its fleet are healthy then. */
export const bakes = (stage: Stage, endpoint: string): Promise<DescribeEndpointOutput> =>
  stage.until(
    endpoint,
    ({ PendingDeploymentSummary }) =>
      PendingDeploymentSummary?.ProductionVariants?.[0]?.VariantStatus?.[0]?.Status === 'Baking',
  );

export const settles = (stage: Stage, endpoint: string): Promise<DescribeEndpointOutput> =>
  stage.until(
    endpoint,
    ({ EndpointStatus }) => EndpointStatus === 'InService' || EndpointStatus === 'Failed',
  );

/** How many of so many requests each model answers; a request that fails counts for `failed`. */
export async function answersOf(stage: Stage, endpoint: string, requests: number) {
  const counts: Record<string, number> = {};
  for (let sent = 0; sent < requests; sent++) {
    const model = await stage.invoke(endpoint).then(
      (answer) => answer.model,
      (error: Error) => error.name,
    );
    counts[model] = (counts[model] ?? 0) + 1;
  }
  return counts;
}
