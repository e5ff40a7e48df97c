import { endpoints, type Endpoint } from '@tidegate/aws';
import type { Candidate } from './candidate.ts';
import { evidenceOf, tally } from './evidence.ts';
import type { Order, ShiftSurroundings } from './order.ts';
import { bare, type Found } from './outcome.ts';
import { describeRollout } from './rollout.ts';
import { smokeTest } from './smoke.ts';
import { watchRollout } from './watch.ts';

/** What AWS calls live is asked a real question; what does not answer is taken back. */
export async function confirm(
  order: Order,
  around: ShiftSurroundings,
  { since, live, already }: { since: number; live: Endpoint | undefined; already: boolean },
): Promise<Found> {
  const { settings, candidate } = order;
  const { endpoint, endpointConfig } = candidate.version;
  const wrongImage = otherImage(candidate, live);
  const smoke =
    settings.smoke === undefined
      ? undefined
      : await smokeTest(around.aws, endpoint, settings.smoke, around.signal);
  const problem =
    wrongImage ?? (smoke?.problem === undefined ? undefined : `the smoke request ${smoke.problem}`);
  if (problem === undefined) {
    const answered = smoke === undefined ? '' : `, smoke ${smoke.status} in ${smoke.latencyMs} ms`;
    const all = `100 % on ${endpointConfig}${answered}`;
    if (already || order.live.endpoint === undefined)
      return { ...bare(already ? 'no-op' : 'promoted', all), smoke };
    warnOfLostGuardrail(order, around, live);
    const evidence = await evidenceOf(order, around, since, 0);
    if (evidence.requests === 0 && order.facts.armed.alarmNames.length > 0)
      around.log.warning(
        `No request reached the new fleet while its alarms were watching: only the smoke request speaks for ${endpointConfig}`,
      );
    return { ...bare('promoted', `${all}, ${tally(evidence)} while watched`), smoke, evidence };
  }
  const evidence = await evidenceOf(order, around, since);
  const previous = order.live.endpoint?.configName;
  if (already || previous === undefined || previous === endpointConfig)
    return { ...bare('failed', `${endpointConfig} is live, but ${problem}`), smoke, evidence };
  const back = await takeBack(order, around, previous);
  return { ...bare(back.verdict, `${problem}; ${back.reason}`), smoke, evidence };
}

/** AWS has finished and watches no alarm any more, so this once we move the traffic ourselves. */
async function takeBack(
  { settings, facts, candidate }: Order,
  { aws, signal, log }: ShiftSurroundings,
  previous: string,
): Promise<{ verdict: 'rolled-back' | 'failed'; reason: string }> {
  const { endpoint } = candidate.version;
  const before = await endpoints(aws).find(endpoint);
  await endpoints(aws).update(endpoint, {
    configName: previous,
    rollout: {
      ...facts.armed,
      shift: { type: 'all-at-once', waitSeconds: 0 },
      terminationWaitSeconds: 0,
      alarmNames: [],
    },
    retain: true,
    exceptRetained: settings.capture === undefined ? [] : ['DataCaptureConfig'],
  });
  const { ended } = await watchRollout(
    aws,
    endpoint,
    { candidate: previous, previous: candidate.version.endpointConfig, untouchedSince: before?.modifiedAt },
    {
      timeout: settings.timeout,
      signal,
      onProgress: async (progress) => log.info(progress),
    },
  );
  return ended.state === 'live'
    ? { verdict: 'rolled-back', reason: `taken back to ${previous}` }
    : { verdict: 'failed', reason: `and taking it back to ${previous} did not succeed (${ended.state})` };
}

/** The digest that the fleet really runs is AWS's to say, where it says it. */
function otherImage({ version }: Candidate, live: Endpoint | undefined): string | undefined {
  const wanted = /@(sha256:[0-9a-f]{64})$/.exec(version.image ?? '')?.[1];
  const resolved = (live?.variants ?? []).flatMap(({ images }) => images.map(({ resolved }) => resolved));
  const digests = resolved.filter((image) => image.includes('@sha256:'));
  if (wanted === undefined || digests.length === 0 || digests.some((image) => image.endsWith(wanted)))
    return undefined;
  return `its fleet runs ${digests.join(', ')} instead of ${wanted}`;
}

function warnOfLostGuardrail({ facts }: Order, { log }: ShiftSurroundings, live: Endpoint | undefined): void {
  const used = live?.lastRollout;
  if (facts.live === undefined || used === null || used === undefined) return;
  if (used.shift.type !== facts.armed.shift.type)
    log.warning(
      `AWS did not roll it out as asked (${describeRollout(facts.armed)}) but ${describeRollout(used)}: no alarm guarded this deployment`,
    );
}
