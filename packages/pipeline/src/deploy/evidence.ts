import { alarms, endpointLogTail, metrics, type Aws } from '@tidegate/aws';
import { fleetMetric, type Fleet } from './armed-alarms.ts';
import type { Order, ShiftSurroundings } from './order.ts';

/** What the new fleet did while it had traffic, and what took it back. */
export type Evidence = {
  requests: number;
  /** Not counting those that the model refused as the caller's fault. */
  errors: number;
  p99LatencyMs: number | undefined;
  /** The alarms that went off while the deployment was under way, in order. */
  firings: { alarm: string; at: number; reason: string }[];
  /** The containers' last lines. */
  logTail: string[];
};

/** Of the containers' log, in the record of a deployment. */
const linesShown = 20;

/** Of an order's new fleet, from a moment on (AWS's time) until now. */
export function evidenceOf(
  { candidate, facts }: Order,
  { aws }: ShiftSurroundings,
  from: number,
  logLines = linesShown,
): Promise<Evidence> {
  const { endpoint, variant, endpointConfig: config } = candidate.version;
  const window = { from, to: aws.time() };
  return gatherEvidence(aws, { endpoint, variant, config }, facts.armed.alarmNames, window, logLines);
}

async function gatherEvidence(
  aws: Aws,
  fleet: Fleet,
  armed: readonly string[],
  { from, to }: { from: number; to: number },
  logLines: number,
): Promise<Evidence> {
  const [series, firings, logTail] = await Promise.all([
    metrics(aws).read(
      [
        fleetMetric(fleet, 'Invocations', 'Sum'),
        fleetMetric(fleet, 'InvocationModelErrors', 'Sum'),
        fleetMetric(fleet, 'Invocation4XXErrors', 'Sum'),
        fleetMetric(fleet, 'ModelLatency', 'p99'),
      ],
      { from, to, periodSeconds: 60 },
    ),
    firingsOf(aws, armed, { from, to }),
    logLines === 0 ? [] : endpointLogTail(aws, fleet.endpoint, { since: from, limit: logLines }),
  ]);
  const [requests, failures, rejections, p99 = []] = series;
  return {
    requests: sum(requests),
    errors: Math.max(0, sum(failures) - sum(rejections)),
    p99LatencyMs: p99.length === 0 ? undefined : Math.max(...p99) / 1000,
    firings,
    logTail,
  };
}

/** From the alarms' own history, because AWS may give no reason for a roll-back at all. */
async function firingsOf(
  aws: Aws,
  names: readonly string[],
  window: { from: number; to: number },
): Promise<Evidence['firings']> {
  const states = new Map((await alarms(aws).find(names)).map((alarm) => [alarm.name, alarm]));
  const all = await Promise.all(
    names.map(async (alarm) => {
      const state = states.get(alarm);
      const history = await alarms(aws).firings(alarm, window);
      // The state outlives a history that may not be read, and the other way round.
      const now =
        history.length === 0 && state?.state === 'ALARM' ? [{ at: state.since, summary: state.reason }] : [];
      return [...history, ...now].map(({ at, summary }) => ({
        alarm,
        at,
        reason: state?.state === 'ALARM' ? state.reason : summary,
      }));
    }),
  );
  return all.flat().sort((a, b) => a.at - b.at);
}

/** `31 errors in 340 requests` */
export function tally({ requests, errors }: Pick<Evidence, 'requests' | 'errors'>): string {
  return `${errors} error${errors === 1 ? '' : 's'} in ${requests} request${requests === 1 ? '' : 's'}`;
}

const sum = (values: readonly number[] | undefined) =>
  (values ?? []).reduce((total, value) => total + value, 0);
