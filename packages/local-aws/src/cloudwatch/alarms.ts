import { perWorld } from '../kernel/per-world.ts';
import { recordTimeline } from '../kernel/timeline.ts';
import type { World } from '../kernel/world.ts';
import { alarmTable } from './alarm-records.ts';
import type { AlarmRecord, CompositeAlarmRecord } from './alarm-records.ts';
import { alarmChangeEvent } from './alarm-event.ts';
import { alarmsIn, holds, parseRule } from './composite-rule.ts';
import { evaluateAlarm, evaluationIntervalMs } from './evaluation.ts';
import { addHistory } from './history.ts';
import type { AlarmState } from './judge.ts';
import { alarmQueries } from './alarm-queries.ts';
import { seriesRead } from './queries.ts';
import type { Series } from './series.ts';

type Watch = { cancel: (() => void) | undefined; series: Series[]; wake: () => void };
type Listener = (name: string, state: AlarmState) => void;
type Watching = { watches: Map<string, Watch>; listeners: Set<Listener> };

const watching = (world: World): Watching =>
  perWorld(world, 'cloudwatch.alarms', () => ({ watches: new Map(), listeners: new Set() }));

/** The state of an alarm by its name, or nothing where there is no such alarm. */
export const alarmState = (world: World, name: string): AlarmState | undefined =>
  alarmTable(world).get(name)?.state;

/** Calls `listener` after every change of any alarm's state; returns what ends it. */
export function onAlarmChange(world: World, listener: Listener): () => void {
  const { listeners } = watching(world);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Begins to evaluate the alarm (again). While there is nothing in its evaluation range it sleeps until one of its metrics has a value:
 * months may then pass at no cost.
 */
export function watchAlarm(world: World, name: string): void {
  unwatchAlarm(world, name);
  const alarm = alarmTable(world).get(name);
  if (alarm === undefined) return;
  if (alarm.kind === 'composite') return evaluateComposite(world, alarm);
  const watch: Watch = {
    cancel: undefined,
    series: seriesRead(world, alarmQueries(alarm.settings)),
    wake: () => {},
  };
  const intervalMs = evaluationIntervalMs(alarm);
  watch.wake = () => {
    watch.cancel ??= world.clock.at((Math.floor(world.clock.now() / intervalMs) + 1) * intervalMs, () => {
      watch.cancel = undefined;
      if (evaluateMetricAlarm(world, name) === 'data') watch.wake();
    });
  };
  for (const series of watch.series) series.watchers.add(watch.wake);
  watching(world).watches.set(name, watch);
  watch.wake();
}

export function unwatchAlarm(world: World, name: string): void {
  const { watches } = watching(world);
  const watch = watches.get(name);
  if (watch === undefined) return;
  watch.cancel?.();
  for (const series of watch.series) series.watchers.delete(watch.wake);
  watches.delete(name);
}

/** Changes the state, with everything that follows from it: history, event, timeline, composite alarms, listeners. */
export function setState(
  world: World,
  alarm: AlarmRecord,
  state: AlarmState,
  reason: string,
  reasonData?: string,
): void {
  const now = world.clock.now();
  const changed = state !== alarm.state;
  const { reasonData: _, ...rest } = alarm;
  const next: AlarmRecord = {
    ...rest,
    state,
    reason,
    ...(reasonData !== undefined && { reasonData }),
    stateUpdatedAt: now,
    stateChangedAt: changed ? now : alarm.stateChangedAt,
  };
  alarmTable(world).put(alarm.name, next);
  if (!changed) return;
  const data = { oldState: stateData(alarm), newState: stateData(next) };
  addHistory(world, next, 'StateUpdate', `Alarm updated from ${alarm.state} to ${state}`, data);
  recordTimeline(world, { kind: 'alarm', name: alarm.name, state, detail: { reason } });
  world.emit(alarmChangeEvent(alarm, next));
  reportActions(world, next);
  for (const other of alarmTable(world).values()) {
    if (other.kind === 'composite' && other.name !== alarm.name) reconsider(world, other, alarm.name);
  }
  // A listener that ends itself is not skipped over: a Set is safe to change while it is walked.
  for (const listener of watching(world).listeners) listener(alarm.name, state);
}

const stateData = ({ state, reason }: AlarmRecord) => ({ stateValue: state, stateReason: reason });

function evaluateMetricAlarm(world: World, name: string): 'data' | 'nothing' {
  const alarm = alarmTable(world).get(name);
  if (alarm?.kind !== 'metric') return 'nothing';
  const result = evaluateAlarm(world, alarm);
  if (result.state !== alarm.state) setState(world, alarm, result.state, result.reason, result.reasonData);
  return result.hasData ? 'data' : 'nothing';
}

function evaluateComposite(world: World, alarm: CompositeAlarmRecord): void {
  const rule = parseRule(alarm.settings.AlarmRule ?? '');
  const state = holds(rule, (name) => alarmState(world, name)) ? 'ALARM' : 'OK';
  if (state === alarm.state) return;
  setState(
    world,
    alarm,
    state,
    `AlarmRule evaluated to ${state === 'ALARM' ? 'TRUE' : 'FALSE'}: ${alarm.settings.AlarmRule}`,
  );
}

function reconsider(world: World, composite: CompositeAlarmRecord, changed: string) {
  if (alarmsIn(parseRule(composite.settings.AlarmRule ?? '')).includes(changed))
    evaluateComposite(world, composite);
}

/** What an alarm's actions would reach (SNS, Auto Scaling, Lambda) is not here: the history says so, and never that it worked. */
function reportActions(world: World, alarm: AlarmRecord) {
  if (!alarm.actionsEnabled) return;
  const { OKActions, AlarmActions, InsufficientDataActions } = alarm.settings;
  const actions =
    { OK: OKActions, ALARM: AlarmActions, INSUFFICIENT_DATA: InsufficientDataActions }[alarm.state] ?? [];
  for (const action of actions) {
    const summary = `Failed to execute action ${action}. Received error: the local AWS delivers alarms by EventBridge only`;
    addHistory(world, alarm, 'Action', summary, { actionState: 'Failed', notificationResource: action });
  }
}
