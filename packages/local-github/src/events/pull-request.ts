import { UserError } from '../errors.ts';
import type { JsonObject } from '../expressions/values.ts';
import { gitOrNothing } from '../git/git.ts';
import { mergeBase, mergeCommits } from '../git/merge.ts';
import { changedFiles, resolveCommit, updateRef, type Repository } from '../git/repository.ts';
import type { Host, LiveRun } from '../host.ts';
import { issuesOf, newIssue, saveIssue, type Issue, type Pull } from '../rest/issues.ts';
import { pullJson } from '../rest/pull-json.ts';
import { repositoryJson, userJson } from './payloads.ts';
import { startMatching } from './start-matching.ts';

export type PullRequestGiven = {
  head: string;
  base: string;
  title: string;
  body: string;
  draft: boolean;
  actor: string;
};

/** Opens a pull request from one branch to another. Its workflows are started unless a job's token opened it. */
export async function openPullRequest(
  host: Host,
  repository: Repository,
  given: PullRequestGiven,
  { quietly }: { quietly: boolean },
): Promise<{ issue: Issue; runs: LiveRun[] }> {
  const { head, base, title, body, draft, actor } = given;
  const same = issuesOf(host, repository).find(
    ({ state, pull }) => state === 'open' && pull?.head === head && pull.base === base,
  );
  if (same) throw new UserError(`A pull request already exists for ${head}: #${same.number}.`);
  const pull = await freshPull(repository, { head, base, draft });
  const issue = newIssue(host, repository, { title, body, user: actor, pull });
  await keepRefs(repository, issue.number, pull);
  return {
    issue,
    runs: quietly ? [] : await startPullRequest(host, repository, issue, { action: 'opened', actor }),
  };
}

/** Tells the open pull requests of a branch that it moved. */
export async function synchronize(
  host: Host,
  repository: Repository,
  branch: string,
  actor: string,
): Promise<LiveRun[]> {
  const runs: LiveRun[] = [];
  for (const issue of issuesOf(host, repository)) {
    if (issue.state !== 'open' || issue.pull?.head !== branch) continue;
    const pull = await freshPull(repository, issue.pull);
    await keepRefs(repository, issue.number, pull);
    runs.push(
      ...(await startPullRequest(host, repository, saveIssue(host, { ...issue, pull }), {
        action: 'synchronize',
        actor,
      })),
    );
  }
  return runs;
}

async function freshPull(
  repository: Repository,
  { head, base, draft }: Pick<Pull, 'head' | 'base' | 'draft'>,
): Promise<Pull> {
  const headSha = await branchCommit(repository, head);
  const baseSha = await branchCommit(repository, base);
  if (headSha === baseSha) throw new UserError(`No commits between ${base} and ${head}.`);
  const mergeSha = await mergeCommits(repository, {
    into: baseSha,
    from: headSha,
    message: `Merge ${headSha} into ${baseSha}`,
  });
  return { head, base, headSha, baseSha, mergeSha: mergeSha ?? null, mergedAt: null, draft };
}

async function branchCommit(repository: Repository, branch: string): Promise<string> {
  const sha = await resolveCommit(repository, `refs/heads/${branch}`);
  if (!sha) throw new UserError(`${repository.name} has no branch '${branch}'. Push it first.`);
  return sha;
}

async function keepRefs(repository: Repository, number: number, { headSha, mergeSha }: Pull): Promise<void> {
  await updateRef(repository, `refs/pull/${number}/head`, headSha);
  if (mergeSha) await updateRef(repository, `refs/pull/${number}/merge`, mergeSha);
  else await gitOrNothing(['update-ref', '-d', `refs/pull/${number}/merge`], { cwd: repository.folder });
}

/** Runs what the pull request starts, on the merge of its two branches; where there is no merge, nothing, as on GitHub. */
async function startPullRequest(
  host: Host,
  repository: Repository,
  issue: Issue,
  { action, actor }: { action: string; actor: string },
): Promise<LiveRun[]> {
  const { pull } = issue;
  if (!pull?.mergeSha) return [];
  const payload: JsonObject = {
    action,
    number: issue.number,
    pull_request: pullJson(host, repository, issue),
    repository: repositoryJson(host, repository),
    sender: userJson(host, actor),
  };
  const changed = async () =>
    changedFiles(
      repository,
      (await mergeBase(repository, pull.baseSha, pull.headSha)) ?? pull.baseSha,
      pull.headSha,
    );
  const happened = { event: 'pull_request', ref: `refs/heads/${pull.base}`, type: action, changed };
  return startMatching(host, repository, happened, {
    payload,
    ref: `refs/pull/${issue.number}/merge`,
    sha: pull.mergeSha,
    headSha: pull.headSha,
    headBranch: pull.head,
    actor,
  });
}
