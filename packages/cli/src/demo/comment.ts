import type { LocalGithub } from '@tidegate/local-github';

/** The body of the pull request's one comment; undefined where there is none. */
export async function comment(
  github: LocalGithub,
  repository: string,
  pullRequest: number,
): Promise<string | undefined> {
  const response = await fetch(`${github.apiUrl}/repos/${repository}/issues/${pullRequest}/comments`, {
    headers: { authorization: `Bearer ${github.token}` },
  });
  if (!response.ok) throw new Error(`the local GitHub answered ${response.status} when asked for comments`);
  const comments = (await response.json()) as { body: string }[];
  return comments[0]?.body;
}
