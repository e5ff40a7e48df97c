import type { Asked, Facts, Problem } from './preflight-facts.ts';

/** What the endpoint is doing now, and whether a way back exists. */
export function liveProblems(asked: Asked, facts: Facts): Problem[] {
  const { live, gone } = facts;
  const problems: Problem[] = [];
  const { endpoint, expectedCurrent } = asked;
  if (expectedCurrent !== undefined && live?.configName !== expectedCurrent)
    problems.push([
      'expected-current',
      `is ${expectedCurrent}, but ${live === undefined ? `${endpoint} does not exist` : `${live.configName} is live`}: somebody deployed in between`,
    ]);
  if (live === undefined) return problems;
  problems.push(...stateProblems(asked, facts));
  const names = live.variants.map(({ name }) => name);
  if (names.length > 1)
    problems.push([
      'endpoint-name',
      `${endpoint} splits its traffic over ${names.join(', ')}; a rollout replaces one variant, so give it an endpoint of its own`,
    ]);
  else if (asked.variant !== undefined && names[0] !== undefined && asked.variant !== names[0])
    problems.push([
      'variant-name',
      `is ${asked.variant}, but the live variant is ${names[0]} and must keep its name`,
    ]);
  for (const sentence of gone)
    problems.push(['endpoint-name', `${sentence}, so a roll-back of ${endpoint} could not succeed`]);
  return problems;
}

function stateProblems({ endpoint }: Asked, { live, candidate }: Facts): Problem[] {
  const say = (sentence: string): Problem[] => [['endpoint-name', sentence]];
  switch (live?.status) {
    case 'InService':
      return [];
    case 'Creating':
    case 'Updating':
    case 'RollingBack':
    case 'SystemUpdating': {
      const pending = live.pending?.configName ?? candidate;
      const whose = pending === candidate ? '' : `, going to ${pending}`;
      return say(
        `${endpoint} is ${live.status}${whose} by somebody else; run again when it has ended (a concurrency group per endpoint in the workflow prevents this)`,
      );
    }
    case 'Failed':
      return say(
        `${endpoint} failed to be created (${live.failureReason || 'AWS gives no reason'}) and can only be deleted: aws sagemaker delete-endpoint --endpoint-name ${endpoint}`,
      );
    case 'UpdateRollbackFailed':
      return say(
        `${endpoint} serves a mix of versions, because an update failed and its roll-back too; use the rollback action first`,
      );
    case 'Deleting':
    case 'OutOfService':
      return say(`${endpoint} is ${live.status} and takes no deployment`);
    default:
      return [];
  }
}
