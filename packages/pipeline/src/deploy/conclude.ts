import type { Endpoint } from '@tidegate/aws';
import { confirm } from './confirm.ts';
import { evidenceOf, tally, type Evidence } from './evidence.ts';
import type { DeployedVersion, Ledger, LedgerState } from './ledger.ts';
import type { Order, ShiftSurroundings } from './order.ts';
import { type Outcome, type Found, bare } from './outcome.ts';
import { findLive, findOrStart } from './tell.ts';
import type { Verdict } from './verdict.ts';
import type { Ended } from './watch.ts';

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
  const close = async (found: Found) => {
    const lines = found.evidence?.logTail ?? [];
    if (lines.length > 0)
      await around.log.group('The last lines of the containers', async () => around.log.untrusted(lines));
    return await record(around.ledger, version, deploymentId, found);
  };
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
  found: Found,
): Promise<Outcome> {
  const known = found.verdict === 'no-op' ? await findLive(ledger, version) : undefined;
  const id = known ?? deploymentId ?? (await findOrStart(ledger, version));
  if (known === undefined)
    await ledger.progress(id, ledgerStates[found.verdict], `${found.verdict}: ${found.reason}`);
  return { ...found, version, deploymentId: id };
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
