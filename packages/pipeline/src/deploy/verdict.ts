import type { Endpoint } from '@tidegate/aws';

/**
 * What became of a rollout. `promoted`: exactly what was asked for is what is live, with all of the traffic, and it was seen to
 * answer. `InService` says none of this: an endpoint that was rolled back is in service too.
 */
export type Verdict = 'promoted' | 'rolled-back' | 'superseded' | 'no-op' | 'timed-out' | 'failed';

/** What one look at the endpoint says of a rollout. */
export type Reading =
  | { state: 'under-way'; progress: string }
  /** AWS took the call but shows no sign of it yet (its answers are eventually consistent). */
  | { state: 'not-begun' }
  /** The candidate has all of the traffic; whether it answers is not known from this. */
  | { state: 'live' }
  | { state: 'rolled-back'; reason: string }
  | { state: 'superseded'; by: string }
  | { state: 'failed'; reason: string };

export type Expected = {
  /** The endpoint config that was asked for. */
  candidate: string;
  /** What was live before. */
  previous: string | undefined;
  /** When the endpoint had last been modified before we asked; undefined once our deployment was seen under way. */
  untouchedSince: number | undefined;
};

/** Pure: compares what is live with what was asked for. */
export function read({ candidate, previous, untouchedSince }: Expected, live: Endpoint | undefined): Reading {
  if (live === undefined) return { state: 'failed', reason: 'the endpoint has been deleted' };
  switch (live.status) {
    case 'Creating':
    case 'Updating':
    case 'RollingBack':
    case 'SystemUpdating':
      return underWay(candidate, live);
    case 'InService':
      break;
    case 'UpdateRollbackFailed':
      return {
        state: 'failed',
        reason: `the update failed and rolling it back failed too, so a mix of versions is serving${reasonOf(live)}`,
      };
    default:
      return { state: 'failed', reason: `the endpoint is ${live.status}${reasonOf(live)}` };
  }
  if (live.pending !== null) return underWay(candidate, live);
  if (live.configName === candidate) return settled(live);
  if (live.configName !== previous) return { state: 'superseded', by: live.configName };
  if (live.modifiedAt === untouchedSince) return { state: 'not-begun' };
  return { state: 'rolled-back', reason: live.failureReason };
}

function underWay(candidate: string, live: Endpoint): Reading {
  const going = live.pending?.configName ?? candidate;
  // While it rolls back, AWS may name the config that it returns to.
  if (going !== candidate && live.status !== 'RollingBack') return { state: 'superseded', by: going };
  return { state: 'under-way', progress: progressOf(live) };
}

function settled({ variants }: Endpoint): Reading {
  const serving = variants.filter(({ weight, instanceCount }) => weight > 0 && instanceCount > 0);
  const busy = variants.some(
    ({ progress, weight, desiredWeight }) => progress.length > 0 || weight !== desiredWeight,
  );
  if (serving.length === 0 || busy) return { state: 'under-way', progress: 'the new fleet is settling' };
  return { state: 'live' };
}

function progressOf({ status, pending, variants }: Endpoint): string {
  const messages = [...(pending?.variants ?? []), ...variants]
    .flatMap(({ progress }) => progress)
    .map(({ status, message }) => message || status);
  return [status, ...new Set(messages)].join(': ');
}

const reasonOf = ({ failureReason }: Endpoint) => (failureReason === '' ? '' : `: ${failureReason}`);
