import { endpointConfigs, modelPackages, models, UserError, type Aws } from '@tidegate/aws';
import type { DeployedVersion, Ledger, LedgerEntry } from './ledger.ts';

export type Wish = { endpoint: string; to: string; runId: string };

/**
 * The version to come back to. `previous` is the last that succeeded before the live one, leaving out what was itself taken
 * back: rolling back twice goes back twice.
 * @throws UserError that says what there is, where there is nothing
 */
export async function chooseEarlier(
  wish: Wish,
  liveConfig: string,
  ledger: Ledger,
  aws: Aws,
): Promise<DeployedVersion> {
  const entries = (await ledger.list()).filter(({ payload }) => payload.endpoint === wish.endpoint);
  if (wish.to !== 'previous') return await namedVersion(wish, entries, aws);
  const done = doneByThisRun(wish, entries, liveConfig);
  if (done !== undefined) return done.payload;
  const bad = takenBack(entries);
  const excluded = (await ledger.list()).filter(
    ({ payload }) =>
      payload.endpoint !== wish.endpoint ||
      payload.endpointConfig === liveConfig ||
      bad.has(payload.endpointConfig),
  );
  const found = await ledger.latestSuccessful(excluded.map(({ id }) => id));
  if (found !== undefined) return found.payload;
  const known = entries.map(
    ({ id, payload, state }) => `${id} ${payload.endpointConfig} (${state ?? 'begun'})`,
  );
  throw new UserError(
    `${wish.endpoint} has nothing to roll back to: ${liveConfig} is live, and no other deployment of it ever succeeded in this environment${known.length === 0 ? ' (there is no record of any)' : `; recorded are ${known.join(', ')}`}. Give rollback-to the name of an endpoint config that still exists.`,
  );
}

/** A re-run of a roll-back that succeeded must not go back once more. */
function doneByThisRun({ runId }: Wish, entries: readonly LedgerEntry[], liveConfig: string) {
  if (runId === '') return undefined;
  return entries.find(
    ({ payload }) =>
      payload.runId === runId && payload.retires !== null && payload.endpointConfig === liveConfig,
  );
}

/** Configs that somebody decided to leave, and that were not deployed again since. */
function takenBack(entries: readonly LedgerEntry[]): Set<string> {
  const bad = new Set<string>();
  for (const { payload, state } of entries.toReversed()) {
    if (payload.retires !== null) bad.add(payload.retires);
    else if (state !== 'failure') bad.delete(payload.endpointConfig);
  }
  return bad;
}

/** A version by its deployment's id or its endpoint config, from the record or else from AWS itself. */
export async function namedVersion(
  { endpoint, to, runId }: Wish,
  entries: readonly LedgerEntry[],
  aws: Aws,
): Promise<DeployedVersion> {
  const recorded = entries.find(({ id, payload }) => String(id) === to || payload.endpointConfig === to);
  if (recorded !== undefined) return recorded.payload;
  const config = await endpointConfigs(aws).find(to);
  const variant = config?.variants[0];
  const model = variant === undefined ? undefined : await models(aws).find(variant.modelName);
  if (variant === undefined || model === undefined)
    throw new UserError(
      `There is no deployment of ${endpoint} with the id or endpoint config ${to} on record, and no such endpoint config in AWS.`,
    );
  const packaged = model.packageArn === null ? undefined : await modelPackages(aws).find(model.packageArn);
  return {
    target: 'sagemaker',
    endpoint,
    endpointConfig: to,
    previousEndpointConfig: null,
    model: model.name,
    modelPackageArn: model.packageArn,
    image: packaged?.image ?? model.image,
    modelArtifacts: packaged?.modelDataUri ?? model.modelDataUri,
    environment: packaged?.environment ?? model.environment,
    roleArn: model.roleArn,
    variant: variant.name,
    instanceType: variant.instanceType ?? '',
    instanceCount: variant.instanceCount,
    retires: null,
    runId,
  };
}
