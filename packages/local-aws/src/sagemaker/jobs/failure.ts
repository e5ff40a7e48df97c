import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerError } from '../../runtime/container-error.ts';
import { asInContainer } from '../../runtime/paths.ts';
import type { Exit } from '../../runtime/process.ts';
import { MissingInput } from './inputs.ts';
import { UploadFailed } from './outputs.ts';
import { exitCode } from './run-hosts.ts';

/** `FailureReason` and `ExitMessage` are cut here. */
export const longestReason = 1024;

export const noCapacity =
  'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type or after some time.';

/**
 * `AlgorithmError: <what the program wrote to /opt/ml/output/failure>, exit code: N` of the first instance that failed;
 * `undefined` when all ended well.
 */
export async function algorithmError(
  roots: readonly string[],
  exits: readonly Exit[],
): Promise<string | undefined> {
  const failed = exits.findIndex((exit) => exit.code !== 0);
  const exit = exits[failed];
  const root = roots[failed];
  if (exit === undefined || root === undefined) return undefined;
  const written = await readFile(join(root, 'opt', 'ml', 'output', 'failure'), 'utf8').catch(() => '');
  const ending = `, exit code: ${exitCode(exit)}`;
  const text = asInContainer(root, written)
    .trim()
    .slice(0, longestReason - ending.length - 16);
  return `AlgorithmError: ${text}${ending}`;
}

/**
 * The reason behind an error that is the user's to fix; anything else is thrown again.
 * @param download how this kind of job begins to say that its data is missing
 */
export function clientError(error: unknown, download = 'Data download failed:'): string {
  const cut = (text: string) => text.slice(0, longestReason);
  // Requirements are installed inside the container: in the cloud it is the container that fails.
  if (error instanceof ContainerError && error.message.startsWith('InstallRequirementsError'))
    return cut(`AlgorithmError: ${error.message}, exit code: 1`);
  if (error instanceof ContainerError || error instanceof UploadFailed)
    return cut(`ClientError: ${error.message}`);
  if (error instanceof MissingInput) return cut(`ClientError: ${download}${error.message}`);
  throw error;
}
