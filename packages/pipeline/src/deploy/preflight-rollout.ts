import { replacesCount } from './plan.ts';
import type { Asked, Facts, Problem } from './preflight-facts.ts';
import { leastBakeSeconds, seconds, span, waitSeconds } from './rollout.ts';

/** AWS's own limits, so that a deployment that AWS would refuse is refused before anything is made. */
export function limitProblems({ rollout, rollbackOn }: Asked, { armed }: Facts): Problem[] {
  const problems: Problem[] = [];
  const { strategy, canaryPercent, stepPercent } = rollout;
  if (strategy === 'canary' && !(canaryPercent > 0 && canaryPercent <= 50))
    problems.push(['canary-percent', `${canaryPercent} is not above 0 and at most 50`]);
  if (strategy === 'linear' && !(stepPercent >= 10 && stepPercent <= 50))
    problems.push(['step-percent', `${stepPercent} is not between 10 and 50, as a linear rollout needs`]);
  if (strategy === 'rolling' && !(stepPercent >= 5 && stepPercent <= 50))
    problems.push(['step-percent', `${stepPercent} is not between 5 and 50, as a rolling update needs`]);
  if (seconds(rollout.bake) > 3600) problems.push(['bake', `${span(rollout.bake / 1000)} is more than 1h`]);
  if (armed.terminationWaitSeconds > 3600)
    problems.push(['final-bake', `${span(armed.terminationWaitSeconds)} is more than 1h`]);
  if (rollbackOn.period % 60_000 !== 0 || rollbackOn.period < 60_000)
    problems.push([
      'alarm-period',
      `${span(rollbackOn.period / 1000)} is not a whole number of minutes; endpoints report once a minute`,
    ]);
  if (problems.length === 0) problems.push(...timeoutProblems(armed));
  return problems;
}

function timeoutProblems(armed: Facts['armed']): Problem[] {
  const { maxExecutionSeconds } = armed;
  if (maxExecutionSeconds === null) return [];
  if (maxExecutionSeconds < 600 || maxExecutionSeconds > 28_800)
    return [['max-execution', `${span(maxExecutionSeconds)} is not between 10m and 8h`]];
  const waits = waitSeconds(armed);
  if (waits < maxExecutionSeconds) return [];
  return [
    [
      'max-execution',
      `${span(maxExecutionSeconds)} is not more than the waits of the rollout together (${span(waits)}), so AWS would give it up before its end; lower bake or final-bake, or raise max-execution (at most 8h)`,
    ],
  ];
}

/**
 * Cases in which AWS accepts the call but moves all of the traffic at once, or has nothing to roll back by.
 * A first deployment has no guardrail in any case: there is nothing to come back to.
 */
export function guardrailProblems(asked: Asked, facts: Facts): Problem[] {
  const { live, liveConfig, armed } = facts;
  if (live === undefined) return [];
  const problems: Problem[] = [];
  const shifts = asked.rollout.strategy !== 'all-at-once';
  const kept = asked.retainLive && !replacesCount(asked.instanceCount, { config: liveConfig });
  const instances = kept
    ? (live.variants[0]?.desiredInstanceCount ?? asked.instanceCount)
    : asked.instanceCount;
  if (liveConfig?.variants.some(({ instanceType }) => instanceType === null) === true)
    problems.push([
      'endpoint-name',
      `${asked.endpoint} is serverless: guardrails do not apply to it, and it cannot become an instance-backed endpoint; deploy to a new endpoint name`,
    ]);
  else if (shifts && instances < 2)
    problems.push([
      'instance-count',
      `${asked.endpoint} would run ${instances} instance${instances === 1 ? '' : 's'}, and a share of one cannot be shifted: AWS would silently move everything at once; use 2 or more (scale the live endpoint first), or strategy: all-at-once`,
    ]);
  const excluded = excludedBy(asked, facts);
  if (excluded !== undefined && (shifts || armed.alarmNames.length > 0))
    problems.push([
      excluded.input,
      `${excluded.what}: AWS would silently deploy all at once, with no bake, whatever is asked for; use another instance type, or strategy: all-at-once and rollback-on: none to accept it`,
    ]);
  if (armed.alarmNames.length === 0 && shifts)
    problems.push([
      'rollback-on',
      `is none and rollback-alarms is empty, so nothing could take a ${asked.rollout.strategy} back; give one, or use strategy: all-at-once`,
    ]);
  problems.push(...bakeProblems(asked, facts));
  return problems;
}

function excludedBy(
  { instanceType }: Asked,
  { marketplace }: Facts,
): { input: string; what: string } | undefined {
  if (instanceType.startsWith('ml.inf1.'))
    return { input: 'instance-type', what: `${instanceType} is excluded from deployment guardrails` };
  if (marketplace)
    return { input: 'model-package-arn', what: 'Marketplace models are excluded from deployment guardrails' };
  return undefined;
}

/** No alarm can fire in a bake that is shorter than what the alarm looks at. */
function bakeProblems({ rollout, rollbackOn }: Asked, { alarms, ourAlarms, armed }: Facts): Problem[] {
  const windows = alarms.map((alarm) => ({
    name: alarm.name,
    window: alarm.periodSeconds * alarm.evaluationPeriods,
    least: leastBakeSeconds({ period: alarm.periodSeconds * 1000, periods: alarm.evaluationPeriods }),
  }));
  for (const name of ourAlarms) {
    const least = leastBakeSeconds(rollbackOn);
    windows.push({ name, window: seconds(rollbackOn.period) * rollbackOn.periods, least });
  }
  const widest = windows.sort((a, b) => b.least - a.least)[0];
  if (widest === undefined) return [];
  const tooShort = (input: string, bake: number): Problem[] =>
    bake >= widest.least
      ? []
      : [
          [
            input,
            `${span(bake)} is shorter than the ${span(widest.least)} that alarm ${widest.name} needs (its window of ${span(widest.window)} and a minute for the last datapoint), so it could not fire while both versions are kept; use ${span(widest.least)} or more, or lower alarm-period`,
          ],
        ];
  if (rollout.strategy === 'all-at-once')
    return tooShort(rollout.finalBake === undefined ? 'bake' : 'final-bake', armed.terminationWaitSeconds);
  const bake = tooShort('bake', seconds(rollout.bake));
  // Zero is a decision: all of the traffic is trusted as soon as the steps have passed.
  const final =
    armed.terminationWaitSeconds === 0 ? [] : tooShort('final-bake', armed.terminationWaitSeconds);
  return [...bake, ...(rollout.finalBake === undefined ? [] : final)];
}
