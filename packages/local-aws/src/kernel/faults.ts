import { perWorld } from './per-world.ts';
import type { World } from './world.ts';

/** Effects on the answer itself: the server applies them to any operation. */
const answerEffects = ['throttle', 'error', 'reset', 'slow', 'kill'] as const;
/**
 * Effects on what an operation sets going: the service asks for them with `faultFor`. `spot-interruption` counts a spot
 * job's lines of output, so that `after: 3, times: 1` takes the instance away at the fourth.
 */
const outcomeEffects = ['capacity', 'silent-rollback', 'spot-interruption'] as const;

export type FaultEffect = (typeof answerEffects)[number] | (typeof outcomeEffects)[number];

export type Fault = {
  /** SigV4 name, e.g. `sagemaker`; absent: any. */
  service?: string;
  /** AWS's name, e.g. `CreateEndpoint`; absent: any. */
  operation?: string;
  effect: FaultEffect;
  /** How many matching calls pass unharmed first. Default 0. */
  after?: number;
  /** How many calls are then harmed. Default: all. */
  times?: number;
  /** Of `error`: HTTP status (default 500) and code (default `InternalFailure`). */
  status?: number;
  code?: string;
  /** Of `throttle`, `error` and `capacity`: the text clients see. */
  message?: string;
  /** Of `slow`: real milliseconds before the call is handled. Default 1000. */
  delayMs?: number;
};

type Armed = { fault: Fault; seen: number };

export type Faults = { add(fault: Fault): void; clear(): void };

/** Faults are of this run of the process: they are not on disk. */
export function faults(world: World): Faults {
  return {
    add(fault) {
      if (![...answerEffects, ...outcomeEffects].includes(fault.effect)) {
        throw new RangeError(
          `"${fault.effect}" is not a fault's effect (${[...answerEffects, ...outcomeEffects].join(', ')})`,
        );
      }
      armed(world).push({ fault, seen: 0 });
    },
    clear() {
      armed(world).length = 0;
    },
  };
}

/** The fault that harms the outcome of this call (`capacity` or `silent-rollback`), if one was asked for. Counts the call. */
export function faultFor(
  world: World,
  service: string,
  operation: string,
  effect?: (typeof outcomeEffects)[number],
): Fault | undefined {
  return strike(world, service, operation, effect === undefined ? outcomeEffects : [effect]);
}

/** The fault that harms the answer of this call, if one was asked for. Counts the call. */
export function answerFault(world: World, service: string, operation: string): Fault | undefined {
  return strike(world, service, operation, answerEffects);
}

function strike(
  world: World,
  service: string,
  operation: string,
  effects: readonly FaultEffect[],
): Fault | undefined {
  for (const entry of armed(world)) {
    const { fault } = entry;
    if (!effects.includes(fault.effect)) continue;
    if (fault.service !== undefined && fault.service !== service) continue;
    if (fault.operation !== undefined && fault.operation !== operation) continue;
    const call = entry.seen++;
    const after = fault.after ?? 0;
    if (call >= after && call < after + (fault.times ?? Infinity)) return fault;
  }
  return undefined;
}

const armed = (world: World) => perWorld(world, 'faults', (): Armed[] => []);
