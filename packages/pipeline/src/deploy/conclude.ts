import { endpoints, type Endpoint } from '@tidegate/aws';
import type { Candidate } from './candidate.ts';
import { gatherEvidence, tally, type Evidence } from './evidence.ts';
import type { DeployedVersion, Ledger, LedgerState } from './ledger.ts';
import type { Order, ShiftSurroundings } from './shift.ts';
import { describeRollout } from './rollout.ts';
import { smokeTest, type SmokeResult } from './smoke.ts';
import { findLive, findOrStart } from './tell.ts';
import { watchRollout, type Ended } from './watch.ts';
import type { Verdict } from './verdict.ts';

export type Outcome = {
  verdict: Verdict;
  /** In a sentence, for people. */
  reason: string;
  version: DeployedVersion;
  deploymentId: number;
  rollbackAlarm: string | undefined;
  smoke: SmokeResult | undefined;
  /** Where something went wrong. */
  evidence: Evidence | undefined;
};

type Facts = { deploymentId: number | undefined; since: number };
type Watched = { ended: Ended | { state: 'already-live' }; live: Endpoint | undefined };

/** Turns what was seen into a verdict, and writes it into the ledger. */
export async function concludeRollout(
  order: Order,
  around: ShiftSurroundings,
  { deploymentId, since }: Facts,
  { ended, live }: Watched,
): Promise<Outcome> {
  const { version } = order.candidate;
  const close = (found: Omit<Outcome, 'version' | 'deploymentId'>) =>
    record(around.ledger, version, deploymentId, found);
  switch (ended.state) {
    case 'already-live':
    case 'live':
      return await close(
        await confirm(order, around, { since, live, already: ended.state === 'already-live' }),
      );
    case 'rolled-back': {
      const evidence = await evidenceOf(order, around, since);
      return await close({
        verdict: 'rolled-back',
        ...blame(order, evidence, ended.reason),
        smoke: undefined,
        evidence,
      });
    }
    case 'superseded':
      return await close(bare('superseded', `${ended.by} was deployed over it by somebody else`));
    case 'timed-out':
      return await close(
        bare(
          'timed-out',
          `still under way (${ended.progress}); AWS goes on by itself, and a re-run watches on`,
        ),
      );
    case 'failed': {
      const evidence = await evidenceOf(order, around, since);
      return await close({ ...bare('failed', ended.reason), evidence });
    }
    default:
      return ended satisfies never;
  }
}

const bare = (verdict: Verdict, reason: string) => ({
  verdict,
  reason,
  rollbackAlarm: undefined,
  smoke: undefined,
  evidence: undefined,
});

const ledgerStates: Record<Verdict, LedgerState> = {
  promoted: 'success',
  'no-op': 'success',
  'rolled-back': 'failure',
  failed: 'failure',
  superseded: 'inactive',
  'timed-out': 'in_progress',
};

async function record(
  ledger: Ledger,
  version: DeployedVersion,
  deploymentId: number | undefined,
  found: Omit<Outcome, 'version' | 'deploymentId'>,
): Promise<Outcome> {
  const known = found.verdict === 'no-op' ? await findLive(ledger, version) : undefined;
  const id = known ?? deploymentId ?? (await findOrStart(ledger, version));
  if (known === undefined)
    await ledger.progress(id, ledgerStates[found.verdict], `${found.verdict}: ${found.reason}`);
  return { ...found, version, deploymentId: id };
}

/** What AWS calls live is asked a real question; what does not answer is taken back. */
async function confirm(
  order: Order,
  around: ShiftSurroundings,
  { since, live, already }: { since: number; live: Endpoint | undefined; already: boolean },
): Promise<Omit<Outcome, 'version' | 'deploymentId'>> {
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
    warnOfLostGuardrail(order, around, live);
    const answered = smoke === undefined ? '' : `, smoke ${smoke.status} in ${smoke.latencyMs} ms`;
    return {
      ...bare(already ? 'no-op' : 'promoted', `100 % on ${endpointConfig}${answered}`),
      smoke,
    };
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
  { settings, facts, candidate, live }: Order,
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
    exceptRetained: live.config?.capture === undefined ? [] : ['DataCaptureConfig'],
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

function evidenceOf(
  { candidate, facts }: Order,
  { aws }: ShiftSurroundings,
  from: number,
): Promise<Evidence> {
  const { endpoint, variant, endpointConfig } = candidate.version;
  return gatherEvidence(aws, { endpoint, variant, config: endpointConfig }, facts.armed.alarmNames, {
    from,
    to: aws.time(),
  });
}

/** Which alarm took it back: from AWS's reason, else from the alarms' own history. */
function blame(
  { facts }: Order,
  evidence: Evidence,
  awsReason: string,
): { reason: string; rollbackAlarm: string | undefined } {
  const fired = evidence.firings[0]?.alarm;
  const rollbackAlarm = fired ?? facts.armed.alarmNames.find((name) => awsReason.includes(name));
  if (rollbackAlarm !== undefined)
    return { rollbackAlarm, reason: `taken back by alarm ${rollbackAlarm}: ${tally(evidence)}` };
  const said = awsReason === '' ? 'AWS gave no reason, and no alarm went off' : `AWS says: ${awsReason}`;
  return { rollbackAlarm, reason: `${said} (${tally(evidence)})` };
}
