import { dirname } from 'node:path';
import type { BuiltinRequest, BuiltinResult } from './builtin.ts';

/** actions/setup-node: the Node that runs this, with a warning where another version was asked for. */
export async function setupNode({ job, input, say, warn }: BuiltinRequest): Promise<BuiltinResult> {
  const wanted = /^v?(\d+)/.exec(input('node-version'))?.[1];
  const version = process.versions.node;
  if (wanted !== undefined && wanted !== version.split('.')[0])
    warn(`Node ${input('node-version')} is not on this machine: ${version} stands in for it.`);
  job.paths.unshift(dirname(process.execPath));
  say(`Node ${version} from ${process.execPath}`);
  return { outputs: { 'node-version': `v${version}`, 'cache-hit': 'false' } };
}
