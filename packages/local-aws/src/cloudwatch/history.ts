import type { Instant, World } from '../kernel/world.ts';
import type { AlarmRecord } from './alarm-records.ts';

export type HistoryItem = {
  alarm: string;
  alarmType: 'MetricAlarm' | 'CompositeAlarm';
  type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  at: Instant;
  summary: string;
  /** JSON text. */
  data: string;
};

const keptMs = 30 * 24 * 3600 * 1000;

/** Adds to the alarm's history, which CloudWatch keeps for 30 days. */
export function addHistory(
  world: World,
  alarm: AlarmRecord,
  type: HistoryItem['type'],
  summary: string,
  data: object,
): void {
  const table = historyTable(world);
  const at = world.clock.now();
  const keys = table.keys();
  const oldest = keys[0];
  if (oldest !== undefined && (table.get(oldest)?.at ?? at) < at - keptMs) table.delete(oldest);
  const number = Number(keys.at(-1) ?? -1) + 1;
  table.put(String(number), {
    alarm: alarm.name,
    alarmType: alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
    type,
    at,
    summary,
    data: JSON.stringify({ version: '1.0', ...data }),
  });
}

/** Oldest first. */
export const alarmHistory = (world: World): HistoryItem[] => historyTable(world).values();

const historyTable = (world: World) => world.store.table<HistoryItem>('cloudwatch.history');
