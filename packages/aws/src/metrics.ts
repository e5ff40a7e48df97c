import {
  CloudWatchClient,
  GetMetricDataCommand,
  PutMetricDataCommand,
  type StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import type { Aws } from './connect.ts';

export type MetricId = { namespace: string; name: string; dimensions: Record<string, string> };

export type Datum = { name: string; dimensions: Record<string, string>; value: number; unit?: StandardUnit };

export type Query = MetricId & {
  /** `Sum`, `Average`, `Maximum`, `p99`, … */
  statistic: string;
};

/** Requests hold at most this many. */
const dataPerCall = 1000;

export function metrics(aws: Aws) {
  const client = () => aws.client(CloudWatchClient);
  return {
    async put(namespace: string, data: readonly Datum[]): Promise<void> {
      for (let at = 0; at < data.length; at += dataPerCall) {
        await client().send(
          new PutMetricDataCommand({
            Namespace: namespace,
            MetricData: data.slice(at, at + dataPerCall).map(({ name, dimensions, value, unit }) => ({
              MetricName: name,
              Dimensions: dimensionList(dimensions),
              Value: value,
              Timestamp: new Date(aws.time()),
              Unit: unit ?? 'None',
            })),
          }),
        );
      }
    },

    /**
     * The datapoints of each query between two instants, oldest first; empty where nothing was reported.
     * @param periodSeconds a multiple of 60
     */
    async read(
      queries: readonly Query[],
      { from, to, periodSeconds }: { from: number; to: number; periodSeconds: number },
    ): Promise<number[][]> {
      const series: number[][] = queries.map(() => []);
      let token: string | undefined;
      do {
        const page = await client().send(
          new GetMetricDataCommand({
            StartTime: new Date(Math.floor(from / 60_000) * 60_000),
            EndTime: new Date((Math.floor(to / 60_000) + 1) * 60_000),
            ScanBy: 'TimestampAscending',
            NextToken: token,
            MetricDataQueries: queries.map(({ namespace, name, dimensions, statistic }, index) => ({
              Id: `q${index}`,
              MetricStat: {
                Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensionList(dimensions) },
                Period: periodSeconds,
                Stat: statistic,
              },
            })),
          }),
        );
        for (const { Id, Values } of page.MetricDataResults ?? [])
          series[Number(Id?.slice(1))]?.push(...(Values ?? []));
        token = page.NextToken;
      } while (token !== undefined);
      return series;
    },
  };
}

export function dimensionList(dimensions: Record<string, string>): { Name: string; Value: string }[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
