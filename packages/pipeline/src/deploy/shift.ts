import { endpointConfigs, endpoints, modelPackages, models, UserError } from '@tidegate/aws';
import { arm } from './arm.ts';
import { concludeRollout } from './conclude.ts';
import type { DeployedVersion } from './ledger.ts';
import type { Order, ShiftSurroundings } from './order.ts';
import type { Outcome } from './outcome.ts';
import { replacesCount } from './plan.ts';
import { refuse } from './preflight.ts';
import { findOrStart, tellQuietly } from './tell.ts';
import { watchRollout } from './watch.ts';

const busy = new Set(['Creating', 'Updating', 'RollingBack', 'SystemUpdating']);

/**
 * Makes a candidate live, whatever was done towards it before: does nothing when it is live, joins the deployment under way
 * when it is ours, and otherwise begins one. AWS shifts the traffic and rolls back by itself; a run that ends early loses nothing.
 */
export async function shift(order: Order, around: ShiftSurroundings): Promise<Outcome> {
  const { candidate, live } = order;
  const { log, ledger } = around;
  const wanted = candidate.configSpec.name;
  const endpoint = live.endpoint;
  const going = endpoint?.pending?.configName ?? endpoint?.configName;
  if (endpoint !== undefined && going === wanted && busy.has(endpoint.status)) {
    log.notice(`${endpoint.name} is on its way to ${wanted} already: joining that deployment`);
    const deploymentId = await findOrStart(ledger, candidate.version);
    const begun = { deploymentId, since: endpoint.pending?.startedAt ?? endpoint.modifiedAt, seen: true };
    return await follow(order, around, begun);
  }
  if (endpoint?.status === 'InService' && going === wanted) {
    return await concludeRollout(
      order,
      around,
      { deploymentId: undefined, since: around.aws.time() },
      {
        ended: { state: 'already-live' },
        live: endpoint,
      },
    );
  }
  refuse(candidate.version.endpoint, order.problems);
  const deploymentId = await ledger.start(candidate.version);
  try {
    const since = await begin(order, around, deploymentId);
    return await follow(order, around, { deploymentId, since, seen: false });
  } catch (error) {
    if (!around.signal.aborted) await tellQuietly(around, deploymentId, 'failure', (error as Error).message);
    throw error;
  }
}

/** Everything up to and including the one call that shifts traffic. Returns AWS's time of that call. */
async function begin(order: Order, around: ShiftSurroundings, deploymentId: number): Promise<number> {
  const { settings, candidate, live, facts } = order;
  const { aws, log, ledger, signal } = around;
  const { version, model, configSpec, approval } = candidate;
  await ledger.progress(deploymentId, 'in_progress', `preparing ${configSpec.name}`);
  try {
    if (approval === 'PendingManualApproval' && version.modelPackageArn !== null)
      await modelPackages(aws).approve(
        version.modelPackageArn,
        'Approved',
        'Approved by the pipeline: approve is true.',
      );
    if (model !== 'exists') await models(aws).create(model);
    await endpointConfigs(aws).create(configSpec);
    if (live.endpoint !== undefined) await arm(settings, version, around);
    signal.throwIfAborted();
  } catch (error) {
    if (signal.aborted)
      await tellQuietly(around, deploymentId, 'failure', 'cancelled before any traffic moved');
    throw error;
  }
  const since = aws.time();
  if (live.endpoint === undefined) {
    log.info(`${version.endpoint} is created with ${configSpec.name}`);
    await endpoints(aws).create(version.endpoint, configSpec.name, settings.tags);
    return since;
  }
  const answer = await endpoints(aws).update(version.endpoint, {
    configName: configSpec.name,
    rollout: facts.armed,
    // What autoscaling or an operator has set since stays, unless the settings themselves have changed.
    retain: settings.retainLive,
    exceptRetained: [
      ...(settings.capture === undefined ? [] : (['DataCaptureConfig'] as const)),
      ...(replacesCount(settings.instanceCount, live) ? (['DesiredInstanceCount'] as const) : []),
    ],
  });
  if (answer === 'busy') await requireOurs(version, around);
  return since;
}

/** An answer that was lost is asked for again, and then the deployment that is in the way is our own. */
async function requireOurs(
  { endpoint, endpointConfig }: DeployedVersion,
  { aws }: ShiftSurroundings,
): Promise<void> {
  const live = await endpoints(aws).find(endpoint);
  const going = live?.pending?.configName ?? live?.configName;
  if (going !== endpointConfig)
    throw new UserError(
      `${endpoint} is being deployed to by somebody else (${going}); run again when that has ended.`,
    );
}

type Begun = {
  deploymentId: number;
  since: number;
  /** Whether AWS has shown this deployment as under way. */
  seen: boolean;
};

async function follow(order: Order, around: ShiftSurroundings, begun: Begun): Promise<Outcome> {
  const { candidate, live, settings } = order;
  const { aws, log, signal } = around;
  const { endpoint, endpointConfig } = candidate.version;
  const previous = live.endpoint?.configName === endpointConfig ? undefined : live.endpoint?.configName;
  try {
    const watched = await watchRollout(
      aws,
      endpoint,
      {
        candidate: endpointConfig,
        previous,
        untouchedSince: begun.seen ? undefined : live.endpoint?.modifiedAt,
      },
      {
        timeout: settings.timeout,
        signal,
        onProgress: async (progress) => {
          log.info(progress);
          await tellQuietly(around, begun.deploymentId, 'in_progress', progress);
        },
      },
    );
    return await concludeRollout(order, around, begun, watched);
  } catch (error) {
    if (!signal.aborted) throw error;
    const handedOver = `the run was cancelled; AWS goes on by itself towards ${endpointConfig}`;
    await tellQuietly(around, begun.deploymentId, 'in_progress', handedOver);
    throw new UserError(
      `Stopped watching ${endpoint}: ${handedOver}, and its alarms still take it back. A re-run watches on.`,
      { cause: error },
    );
  }
}
