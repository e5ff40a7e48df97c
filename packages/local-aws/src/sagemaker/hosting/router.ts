import type { RoutingStrategy } from '@aws-sdk/client-sagemaker';

/** The instances of one variant in one fleet, and the part of the traffic that is theirs. */
export type Target<Server> = {
  readonly fleet: string;
  readonly configName: string;
  readonly variant: string;
  /** The fleet's share of the traffic, 0 to 1. */
  readonly share: number;
  /** The variant's part of its fleet's traffic, 0 to 1. */
  readonly part: number;
  readonly routing: RoutingStrategy;
  /** Healthy or not; changes in place. */
  readonly servers: readonly Server[];
  credit: number;
};

type Load = { readonly serving: boolean; readonly outstanding: number };

/**
 * The target of the next request. Weighted and smooth (as in nginx): of any number of requests each target has its share,
 * give or take one. A target without a healthy instance keeps its share: that is what alarms must see.
 * @param variant only this one, by its fleets' shares alone
 */
export function pickTarget<Server>(
  targets: readonly Target<Server>[],
  variant?: string,
): Target<Server> | undefined {
  let total = 0;
  let best: Target<Server> | undefined;
  for (const target of targets) {
    if (variant !== undefined && target.variant !== variant) continue;
    const weight = variant === undefined ? target.share * target.part : target.share;
    if (weight === 0) continue;
    total += weight;
    target.credit += weight;
    if (best === undefined || target.credit > best.credit) best = target;
  }
  if (best) best.credit -= total;
  return best;
}

/** @param random in [0, 1) */
export function pickServer<Server extends Load>(
  servers: readonly Server[],
  routing: RoutingStrategy,
  random: () => number,
  except?: Server,
): Server | undefined {
  const able = servers.filter((server) => server.serving && server !== except);
  if (routing === 'RANDOM') return able[Math.floor(random() * able.length)];
  // Equal ones take turns: the search starts at a random place.
  const start = Math.floor(random() * able.length);
  let best = able[start];
  for (let offset = 1; offset < able.length; offset++) {
    const server = able[(start + offset) % able.length];
    if (server && best && server.outstanding < best.outstanding) best = server;
  }
  return best;
}
