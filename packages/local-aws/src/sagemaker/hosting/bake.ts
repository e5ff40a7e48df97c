import { alarmState, onAlarmChange } from '../../cloudwatch/alarms.ts';
import type { World } from '../../kernel/world.ts';
import { closing } from '../../runtime/process.ts';
import { timedOut } from './hosting-failure.ts';
import type { DeploymentRecord } from './records.ts';

export type Verdict = 'passed' | { reason: string };

/**
 * Waits until the bake is over or something speaks against it: an alarm that is, or goes, into ALARM, or the deployment's
 * deadline. Rejects when the server closes.
 */
export function bake(world: World, deployment: DeploymentRecord): Promise<Verdict> {
  const { alarms, deadline, bakeUntil = world.clock.now() } = deployment;
  const signal = closing(world);
  const tripped = () => alarms.filter((name) => alarmState(world, name) === 'ALARM');
  return new Promise((resolve, reject) => {
    const endings: (() => void)[] = [];
    const finish = (verdict: Verdict) => {
      for (const end of endings) end();
      resolve(verdict);
    };
    const look = () => {
      const names = tripped();
      if (names.length > 0) finish({ reason: alarmReason(names) });
      return names.length > 0;
    };
    if (signal.aborted) return reject(signal.reason);
    if (deployment.silentRollback) return resolve({ reason: '' });
    if (look()) return;
    endings.push(onAlarmChange(world, () => void look()));
    const abort = () => {
      for (const end of endings) end();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    endings.push(() => signal.removeEventListener('abort', abort));
    // An alarm that is evaluated in the very moment in which the bake ends still counts: those timers were set earlier, so
    // that a timer set now, for the same moment, runs after them.
    const atTheEnd = (at: number, verdict: Verdict) =>
      endings.push(
        world.clock.at(at, () =>
          endings.push(
            world.clock.at(at, () => {
              if (!look()) finish(verdict);
            }),
          ),
        ),
      );
    if (deadline !== undefined) atTheEnd(deadline, { reason: timedOut().message });
    if (bakeUntil <= world.clock.now()) finish('passed');
    else atTheEnd(bakeUntil, 'passed');
  });
}

const alarmReason = (names: readonly string[]) =>
  `The deployment was rolled back because the following CloudWatch alarm(s) went into ALARM state: ${names.join(', ')}.`;
