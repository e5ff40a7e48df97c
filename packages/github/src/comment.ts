import type { GithubApi } from './api.ts';

/** GitHub refuses a longer comment. */
export const commentLimit = 65_536;

type Comment = { id: number; body: string };

/**
 * Writes one section of the one comment that all jobs of a pull request share, and leaves the others' sections alone.
 * Two jobs may write at once and GitHub has no conditional update, so the section is looked for afterwards and put back.
 */
export async function upsertComment(
  api: GithubApi,
  {
    pullRequest,
    tag,
    section,
    markdown,
  }: { pullRequest: number; tag: string; section: string; markdown: string },
): Promise<{ id: number }> {
  for (let attempt = 1; ; attempt++) {
    const existing = await findComment(api, pullRequest, tag);
    const body = withSection(existing?.body ?? marker(tag), section, markdown);
    const { id } =
      existing === undefined
        ? await api.request<Comment>('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
            issue_number: pullRequest,
            body,
          })
        : await api.request<Comment>('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
            comment_id: existing.id,
            body,
          });
    const now = await findComment(api, pullRequest, tag);
    if (now?.body.includes(open(section)) === true || attempt === 3) return { id: now?.id ?? id };
  }
}

async function findComment(api: GithubApi, pullRequest: number, tag: string): Promise<Comment | undefined> {
  const comments = await api.list<Comment>('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    issue_number: pullRequest,
  });
  return comments.find(({ body }) => body.startsWith(marker(tag)));
}

/** The comment with the section replaced, or added at the end; the longest sections are cut until it fits. */
export function withSection(body: string, section: string, markdown: string, limit = commentLimit): string {
  const [head = '', ...rest] = body.split(/(?=<!-- section:)/);
  const sections = new Map(
    rest.map((part) => [/^<!-- section:(.*?) -->/.exec(part)?.[1] ?? '', part.trimEnd()]),
  );
  sections.set(
    section,
    `${open(section)}\n${markdown.replaceAll('<!-- section:', '&lt;!-- section:').trim()}`,
  );
  const assemble = () => [head.trimEnd(), ...sections.values()].join('\n');
  while (assemble().length > limit) {
    const [longest, text] = [...sections].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    const note = '\n\n_Cut to fit GitHub’s limit; the whole is in the job’s summary._';
    const keep = Math.max(0, text.length - (assemble().length - limit) - note.length);
    if (keep === 0) break;
    sections.set(longest, cutAtLine(text, keep) + note);
  }
  return assemble();
}

/** Cuts before the last line that does not fit, and closes a `<details>` that the cut left open. */
function cutAtLine(text: string, length: number): string {
  const closing = '\n</details>';
  const at = text.lastIndexOf('\n', length - closing.length);
  const kept = text.slice(0, at > 0 ? at : length);
  const unclosed = (kept.match(/<details/g) ?? []).length - (kept.match(/<\/details>/g) ?? []).length;
  return kept + closing.repeat(Math.max(0, unclosed));
}

const marker = (tag: string) => `<!-- tidegate:${tag} -->`;
const open = (section: string) => `<!-- section:${section} -->`;
