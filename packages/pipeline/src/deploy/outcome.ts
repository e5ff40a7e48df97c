import type { Evidence } from './evidence.ts';
import type { DeployedVersion } from './ledger.ts';
import type { SmokeResult } from './smoke.ts';
import type { Verdict } from './verdict.ts';

export type Outcome = {
  verdict: Verdict;
  /** In a sentence, for people. */
  reason: string;
  version: DeployedVersion;
  deploymentId: number;
  rollbackAlarm: string | undefined;
  smoke: SmokeResult | undefined;
  /** Of the new fleet; undefined where nothing was moved. */
  evidence: Evidence | undefined;
};

/** An outcome before it is in the record. */
export type Found = Omit<Outcome, 'version' | 'deploymentId'>;

/** A verdict without anything seen of the fleet. */
export const bare = (verdict: Verdict, reason: string) => ({
  verdict,
  reason,
  rollbackAlarm: undefined,
  smoke: undefined,
  evidence: undefined,
});
