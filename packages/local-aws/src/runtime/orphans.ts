import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { World } from '../kernel/world.ts';
import { endGroup } from './process-group.ts';

/** A process by its id and the moment it began: an id alone may belong to somebody else by now. */
type Remembered = { pid: number; began: string | undefined };

const tableName = 'runtime.processes';

export function rememberProcess(world: World, pid: number): void {
  world.store.table<Remembered>(tableName).put(String(pid), { pid, began: beginning(pid) });
}

export function forgetProcess(world: World, pid: number): void {
  world.store.table<Remembered>(tableName).delete(String(pid));
}

/** Ends what a killed server left running. Called once at start, before anything is started again. */
export function endOrphans(world: World): void {
  const table = world.store.table<Remembered>(tableName);
  for (const { pid, began } of table.values()) {
    const now = beginning(pid);
    // A leader that has ended may have left its group behind; an id with another beginning is not ours.
    if (now === undefined || now === began) endGroup(pid, 'SIGKILL');
    table.delete(String(pid));
  }
}

/** Whether there is such a process; one that has ended and waits to be reaped is none. */
export const isRunning = (pid: number): boolean => beginning(pid) !== undefined;

/** When the process began, in the system's own notation; `undefined` when there is no such process. */
function beginning(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    // Field 22 of stat, counted from behind the name, which may contain spaces and parentheses itself.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
