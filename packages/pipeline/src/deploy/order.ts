import type { Surroundings } from '../surroundings.ts';
import type { Candidate, Live } from './candidate.ts';
import type { Ledger } from './ledger.ts';
import type { Facts, Problem } from './preflight-facts.ts';
import type { DeploySettings } from './settings.ts';

/** What is to become live, in place of what, and what preflight said to it. */
export type Order = {
  settings: DeploySettings;
  candidate: Candidate;
  live: Live;
  facts: Facts;
  problems: readonly Problem[];
};

export type ShiftSurroundings = Surroundings & { ledger: Ledger };
