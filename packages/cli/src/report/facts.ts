import type { Tally } from '../demo/traffic.ts';

/** A step that was worth telling about. */
export type StepFact = {
  action: string;
  /** `success`, `failure`, `skipped`. */
  conclusion: string;
  seconds: number;
  /** The action's own outcome in one sentence; empty where it gave none. */
  sentence: string;
};

/** What one commit, or one look at production, came to. */
export type ChapterFact = {
  title: string;
  /** `main · model.yml`, `pull request #2 · model.yml`. */
  where: string;
  sha: string;
  /** Milliseconds since the epoch of AWS's time, for the timeline. */
  startedAt: number;
  completedAt: number;
  seconds: number;
  /** By kind: `gate`, `deploy`, `drift`. */
  verdicts: Readonly<Record<string, string>>;
  expected: Readonly<Record<string, string>>;
  steps: readonly StepFact[];
  /** The action's JSON reports by action name. */
  reports: Readonly<Record<string, unknown>>;
  /** The pull request's comment, where there is one. */
  comment?: string;
};

/** AWS's own record of what changed when (the local AWS's timeline). */
export type TimelineFact = {
  at: number;
  kind: 'job' | 'endpoint' | 'alarm' | 'event';
  name: string;
  state: string;
  /** Endpoint configuration → share of the traffic. */
  traffic?: Readonly<Record<string, number>>;
  detail?: Readonly<Record<string, unknown>>;
};

/** Everything a demo came to: what `--json` writes, and what the report is drawn from. */
export type Facts = {
  version: 1;
  tidegate: string;
  startedAt: string;
  seconds: number;
  setUpSeconds: number;
  clockSpeed: number;
  machine: { node: string; python: string; platform: string; cpus: number };
  verdicts: readonly string[];
  asExpected: boolean;
  requests: Tally;
  chapters: readonly ChapterFact[];
  timeline: readonly TimelineFact[];
};
