import type { Aws } from '@tidegate/aws';

/** Where a use-case says what happens; on GitHub, the step's log. */
export type Log = {
  info(text: string): void;
  /** An annotation on the run's page. */
  notice(text: string): void;
  warning(text: string): void;
  /** A section that the reader can fold. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
  /** Lines that somebody else wrote: shown as they are, never obeyed as commands. */
  untrusted(lines: readonly string[]): void;
};

/** What every use-case works with. */
export type Surroundings = {
  aws: Aws;
  log: Log;
  /** Aborted when the run is cancelled. */
  signal: AbortSignal;
};

/** Whose work this is: goes into tags and lineage, never into names. */
export type Provenance = {
  /** The commit being judged or shipped. */
  commit: string;
  /** `owner/name`. */
  repository: string;
  /** Identifies the workflow run, whichever attempt: what a killed run started, its re-run may stop. */
  runId: string;
  runUrl: string;
};

export function provenanceTags({ commit, repository, runId, runUrl }: Provenance): Record<string, string> {
  const tags = {
    'managed-by': 'tidegate',
    'tidegate:commit': commit,
    'tidegate:repository': repository,
    'tidegate:run': runId,
    'tidegate:run-url': runUrl,
  };
  // AWS refuses an empty tag value nowhere, but an absent tag says the same more plainly.
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
}

/** The repository's address on the GitHub that runs the workflow, which may be a company's own. */
export function sourceUrl({ repository, runUrl }: Pick<Provenance, 'repository' | 'runUrl'>): string {
  const server = URL.canParse(runUrl) ? new URL(runUrl).origin : 'https://github.com';
  return `${server}/${repository}`;
}
