import { runUrl, upsertComment, writeCheckRun, type CheckConclusion, type Run } from '@tidegate/github';
import type { EvaluateResult } from '@tidegate/pipeline';

/**
 * The verdict where a reviewer looks: a section of the pull request's one comment, and a check on its commit.
 * A token that may not write them is a warning: the verdict stands, and the summary has it.
 */
export async function tellPullRequest(
  model: string,
  result: EvaluateResult,
  failOn: 'inconclusive' | 'fail' | 'never',
  { api, context, log }: Pick<Run, 'api' | 'context' | 'log'>,
): Promise<void> {
  const { pullRequest, sha } = context;
  if (pullRequest === undefined) return;
  const told = await Promise.allSettled([
    upsertComment(api, { pullRequest, tag: 'report', section: `gate ${model}`, markdown: result.markdown }),
    writeCheckRun(api, {
      name: `tidegate: ${model}`,
      sha,
      conclusion: conclusionOf(result.verdict, failOn),
      title: `${result.verdict}: ${result.headline}`,
      summary: result.markdown,
      detailsUrl: runUrl(context),
    }),
  ]);
  for (const each of told) {
    if (each.status === 'rejected')
      log.warning(`The pull request was not told: ${(each.reason as Error).message}`);
  }
}

/** GitHub lets a required check pass on `neutral`, so it is used only where an open question is allowed to. */
function conclusionOf(
  verdict: EvaluateResult['verdict'],
  failOn: 'inconclusive' | 'fail' | 'never',
): CheckConclusion {
  if (verdict === 'pass') return 'success';
  if (verdict === 'inconclusive') return failOn === 'inconclusive' ? 'action_required' : 'neutral';
  return 'failure';
}
