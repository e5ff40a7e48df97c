import type { Asked, Facts, Problem } from './preflight-facts.ts';

/** The user's own alarms: one that cannot fire, or that fires before anything happened, is worse than none. */
export function alarmProblems({ rollbackAlarms }: Asked, { alarms, armed }: Facts): Problem[] {
  const problems: Problem[] = [];
  const say = (sentence: string) => problems.push(['rollback-alarms', sentence]);
  for (const name of rollbackAlarms) {
    const alarm = alarms.find((candidate) => candidate.name === name);
    if (alarm === undefined) {
      say(
        `${name} does not exist in this region (aws cloudwatch put-metric-alarm makes it; cloudwatch:DescribeAlarms lets us see it)`,
      );
      continue;
    }
    if (alarm.state === 'ALARM')
      say(
        `${name} is in ALARM already (${alarm.reason}): AWS would roll back at once; clear its cause first`,
      );
    if (alarm.state === 'INSUFFICIENT_DATA' && alarm.missingData !== 'notBreaching')
      say(
        `${name} has no data (INSUFFICIENT_DATA, missing data: ${alarm.missingData}), so it cannot fire: check its metric and dimensions, or treat missing data as notBreaching`,
      );
    if (alarm.missingData === 'breaching' && alarm.dimensions['EndpointConfigName'] !== undefined)
      say(
        `${name} treats missing data as breaching but watches one endpoint config, which has no data until its first request: it would fire at once; treat missing data as notBreaching`,
      );
  }
  if (armed.alarmNames.length > 10)
    say(`${armed.alarmNames.length} alarms together with ours are more than the 10 that a deployment takes`);
  return problems;
}
