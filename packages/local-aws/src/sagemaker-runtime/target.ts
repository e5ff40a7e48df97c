import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { liveEndpoint } from '../sagemaker/hosting/live.ts';
import type { ModelServer } from '../sagemaker/hosting/model-server.ts';
import type { EndpointRecord } from '../sagemaker/hosting/records.ts';
import { pickTarget } from '../sagemaker/hosting/router.ts';
import type { Target } from '../sagemaker/hosting/router.ts';

/**
 * Real milliseconds that a request waits while no instance is healthy: long for those that are started again after this
 * server's own restart, which AWS's clients never see; short for those that crashed, which alarms must see.
 */
const longestStartMs = 60_000;
const longestWaitMs = 1000;
const lookEveryMs = 20;

/**
 * The variant this request goes to. One without a healthy instance is waited for; the caller finds out whether it came back.
 * @throws AwsError `ValidationError` for an unknown variant
 */
export async function targetFor(
  world: World,
  endpoint: EndpointRecord,
  variant: string | undefined,
): Promise<Target<ModelServer>> {
  const since = performance.now();
  for (;;) {
    const targets = liveEndpoint(world, endpoint.name)?.targets ?? [];
    const target = pickTarget(targets, variant);
    if (target === undefined) throw notFound(world, endpoint, targets.length > 0 ? variant : undefined);
    // Once traffic shifts elsewhere the target is chosen anew.
    while (targets === liveEndpoint(world, endpoint.name)?.targets) {
      if (target.servers.some(({ serving }) => serving)) return target;
      const starting = target.servers.some(({ hasServed }) => !hasServed);
      if (performance.now() - since > (starting ? longestStartMs : longestWaitMs)) return target;
      await sleep(lookEveryMs, undefined, { ref: false });
    }
  }
}

function notFound(world: World, endpoint: EndpointRecord, variant: string | undefined): AwsError {
  if (variant !== undefined)
    return new AwsError('ValidationError', `Variant ${variant} not found for Request`);
  return new AwsError('ValidationError', `Endpoint ${endpoint.name} of account ${world.account} not found.`);
}
