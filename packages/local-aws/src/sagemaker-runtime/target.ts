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
 * The variant this request goes to; it has a healthy instance.
 * @throws AwsError `ValidationError` for an unknown variant, `ServiceUnavailable` when no instance becomes healthy in time
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
    if (target?.servers.some(({ serving }) => serving)) return target;
    if (variant !== undefined && targets.length > 0 && !targets.some((one) => one.variant === variant)) {
      throw new AwsError('ValidationError', `Variant ${variant} not found for Request`);
    }
    if (performance.now() > until) {
      throw new AwsError('ServiceUnavailable', `No instance of endpoint ${endpoint.name} is healthy.`, 503);
    }
    await sleep(lookEveryMs, undefined, { ref: false });
  }
}
