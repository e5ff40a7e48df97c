import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../surroundings.ts';
import type { DeployedVersion, Ledger, LedgerState } from './ledger.ts';

/** A cancelled step is killed 10 seconds after its signal; nothing here may hold it up for long. */
const patienceMs = 3000;

/** A step of the story: worth telling, never worth failing or waiting for. */
export async function tellQuietly(
  { ledger, log }: { ledger: Ledger; log: Log },
  deploymentId: number,
  state: LedgerState,
  description: string,
): Promise<void> {
  const giveUp = new AbortController();
  const told = ledger.progress(deploymentId, state, description).catch((error: unknown) => {
    log.warning(`GitHub was not told "${description}": ${(error as Error).message}`);
  });
  const tired = sleep(patienceMs, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([told, tired]);
  giveUp.abort();
}

const ended = new Set(['success', 'failure', 'error', 'inactive']);

/** The entry of a deployment that somebody began, a killed run for example; a new one where there is none. */
export async function findOrStart(ledger: Ledger, version: DeployedVersion): Promise<number> {
  const open = (await ledger.list()).find(
    ({ payload, state }) =>
      payload.endpoint === version.endpoint &&
      payload.endpointConfig === version.endpointConfig &&
      !ended.has(state ?? ''),
  );
  return open?.id ?? (await ledger.start(version));
}

/** The entry that says this version is live; undefined where the newest about this endpoint says otherwise. */
export async function findLive(ledger: Ledger, version: DeployedVersion): Promise<number | undefined> {
  const newest = (await ledger.list()).find(({ payload }) => payload.endpoint === version.endpoint);
  return newest?.state === 'success' && newest.payload.endpointConfig === version.endpointConfig
    ? newest.id
    : undefined;
}
