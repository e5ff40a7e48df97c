import { join } from 'node:path';
import type { Runtime } from '@aws-sdk/client-lambda';
import { notBuilt } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { pythonFor } from '../runtime/python.ts';

/* What speaks the Runtime API on the function's behalf: programs of ours, for the languages that this machine has anyway. */

const program = (name: string) => join(import.meta.dirname, 'runtimes', name);

/** @throws AwsError NotImplemented with the runtime's name */
export function requireRuntime(runtime: Runtime): void {
  if (runtime !== 'nodejs24.x' && !runtime.startsWith('python3.'))
    throw notBuilt(`lambda: runtime ${runtime}`);
}

/** The command line of a runtime: this process's Node, or this machine's Python, whatever minor version was asked for. */
export async function runtimeCommand(world: World, runtime: Runtime): Promise<string[]> {
  return runtime === 'nodejs24.x'
    ? [process.execPath, program('node.mjs')]
    : [await pythonFor(world, undefined), program('python.py')];
}
