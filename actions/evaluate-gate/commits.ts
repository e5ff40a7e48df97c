import type { Run } from '@tidegate/github';

type Event = {
  pull_request?: { base?: { ref?: string } };
  repository?: { default_branch?: string };
};

/** The commits of the main branch, or of the last release and before, newest first; none where there is no release. */
export async function commitsOf(
  choice: 'main' | 'release',
  { api, context }: Pick<Run, 'api' | 'context'>,
): Promise<string[]> {
  const event = context.event as Event;
  const branch = event.pull_request?.base?.ref ?? event.repository?.default_branch ?? 'main';
  const from = choice === 'main' ? branch : await lastRelease(api);
  if (from === undefined) return [];
  // One page of a hundred: an older version says nothing of where the branch stands.
  const commits = await api.request<{ sha: string }[]>('GET /repos/{owner}/{repo}/commits', {
    sha: from,
    per_page: 100,
  });
  return commits.map(({ sha }) => sha);
}

async function lastRelease(api: Run['api']): Promise<string | undefined> {
  try {
    return (await api.request<{ tag_name: string }>('GET /repos/{owner}/{repo}/releases/latest')).tag_name;
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined;
    throw error;
  }
}
