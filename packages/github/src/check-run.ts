import type { GithubApi } from './api.ts';

export type CheckConclusion = 'success' | 'failure' | 'neutral' | 'action_required';

const outputLimit = 65_535;

/** A finished check on a commit; a run again of the same name replaces what reviewers see. */
export async function writeCheckRun(
  api: GithubApi,
  check: {
    name: string;
    sha: string;
    conclusion: CheckConclusion;
    title: string;
    summary: string;
    detailsUrl?: string;
  },
): Promise<{ id: number; url: string }> {
  const { id, html_url: url } = await api.request<{ id: number; html_url: string }>(
    'POST /repos/{owner}/{repo}/check-runs',
    {
      name: check.name,
      head_sha: check.sha,
      status: 'completed',
      conclusion: check.conclusion,
      ...(check.detailsUrl === undefined ? {} : { details_url: check.detailsUrl }),
      output: { title: check.title.slice(0, 255), summary: check.summary.slice(0, outputLimit) },
    },
  );
  return { id, url };
}
