import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from '@jest/globals';
import { recordMetric } from './metrics.ts';
import { at, minute, start } from './testing/server.ts';

test('data points, alarms and their states are there after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidegate-cloudwatch-'));
  const read = async (server: Awaited<ReturnType<typeof start>>) => ({
    points: (
      await server.cloudwatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'Flights',
          MetricName: 'Delay',
          StartTime: at(0),
          EndTime: at(600),
          Period: 60,
          Statistics: ['Sum', 'SampleCount'],
          ExtendedStatistics: ['p90'],
        }),
      )
    ).Datapoints,
    state: (await server.alarm())?.StateValue,
  });
  let before: unknown;
  {
    await using server = await start({ directory });
    await server.putAlarm();
    await server.put({ MetricName: 'Delay', Values: [10, 20, 30] });
    recordMetric(server.aws.world, { namespace: 'Flights', name: 'Delay', dimensions: {}, value: 40 });
    await server.aws.clock.advance(minute);
    before = await read(server);
    expect(before).toMatchObject({ points: [{ Sum: 100, SampleCount: 4 }], state: 'ALARM' });
  }
  {
    await using server = await start({ directory });
    expect(await read(server)).toEqual(before);
    await server.aws.clock.advance(10 * minute);
    expect((await server.alarm())?.StateValue).toBe('INSUFFICIENT_DATA');
  }
  rmSync(directory, { recursive: true });
});
