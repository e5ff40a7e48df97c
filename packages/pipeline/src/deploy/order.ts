import type { Surroundings } from '../surroundings.ts';
import type { Candidate, Live } from './candidate.ts';
import type { Ledger } from './ledger.ts';
import type { Facts, Problem } from './problem.ts';
import type { DeploySettings } from './settings.ts';

export type Order = {
  settings: DeploySettings;
  candidate: Candidate;
  live: Live;
  facts: Facts;
  problems: readonly Problem[];
};

export type ShiftSurroundings = Surroundings & { ledger: Ledger };
