import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Instant, Table, World } from '../kernel/world.ts';
import type { AlarmState } from './judge.ts';

type AlarmCommon = {
  name: string;
  arn: string;
  actionsEnabled: boolean;
  state: AlarmState;
  reason: string;
  /** JSON text, as AWS hands it out. */
  reasonData?: string;
  /** When the configuration was last put. */
  configuredAt: Instant;
  /** When the state or its reason last changed, and when the state itself did. */
  stateUpdatedAt: Instant;
  stateChangedAt: Instant;
};

export type MetricAlarmRecord = AlarmCommon & { kind: 'metric'; settings: PutMetricAlarmInput };
export type CompositeAlarmRecord = AlarmCommon & { kind: 'composite'; settings: PutCompositeAlarmInput };
export type AlarmRecord = MetricAlarmRecord | CompositeAlarmRecord;

export const alarmTable = (world: World): Table<AlarmRecord> =>
  world.store.table<AlarmRecord>('cloudwatch.alarms');

export const alarmArn = (world: World, name: string): string =>
  `arn:aws:cloudwatch:${world.region}:${world.account}:alarm:${name}`;
