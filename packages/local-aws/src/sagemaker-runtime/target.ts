import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { liveEndpoint } from '../sagemaker/hosting/live.ts';
import type { ModelServer } from '../sagemaker/hosting/model-server.ts';
import type { EndpointRecord } from '../sagemaker/hosting/records.ts';
import { pickTarget } from '../sagemaker/hosting/router.ts';
import type { Target } from '../sagemaker/hosting/router.ts';

/** Real milliseconds that a request waits for an instance while none is healthy: one that crashed comes back in less. */
const longestWaitMs = 10_000;
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
  const until = performance.now() + longestWaitMs;
  for (;;) {
    const targets = liveEndpoint(world, endpoint.name)?.targets ?? [];
    const target = pickTarget(targets, variant);
    if (target === undefined) throw notFound(world, endpoint, targets.length > 0 ? variant : undefined);
    // Once traffic shifts elsewhere the target is chosen anew.
    while (targets === liveEndpoint(world, endpoint.name)?.targets) {
      if (target.servers.some(({ serving }) => serving) || performance.now() > until) return target;
      await sleep(lookEveryMs, undefined, { ref: false });
    }
  }
}

function notFound(world: World, endpoint: EndpointRecord, variant: string | undefined): AwsError {
  if (variant !== undefined)
    return new AwsError('ValidationError', `Variant ${variant} not found for Request`);
  return new AwsError('ValidationError', `Endpoint ${endpoint.name} of account ${world.account} not found.`);
}
