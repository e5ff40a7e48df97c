import { runUrl, type Run } from '@tidegate/github';
import type { Provenance } from '@tidegate/pipeline';

/** Whose work a run does, for tags and lineage. */
export function provenanceOf({ context }: Pick<Run, 'context'>): Provenance {
  const { sha: commit, repository, runId } = context;
  return { commit, repository, runId, runUrl: runUrl(context) };
}
