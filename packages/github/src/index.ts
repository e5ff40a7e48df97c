export { githubApi, type GithubApi } from './api.ts';
export { writeCheckRun, type CheckConclusion } from './check-run.ts';
export { commentLimit, upsertComment, withSection } from './comment.ts';
export { readContext, runUrl, type Context } from './context.ts';
export {
  commonInputs,
  commonOutputs,
  defineAction,
  type Contract,
  type Outputs,
  type OutputValue,
  type ParsedInputs,
} from './contract.ts';
export { deployments, type Deployment, type DeploymentLedger, type DeploymentState } from './deployments.ts';
export { dispatch } from './dispatch.ts';
export { idToken } from './id-token.ts';
export { kind, manifestKeys, NotUnderstood, pattern, type Input, type InputOptions } from './inputs/input.ts';
export * from './inputs/kinds.ts';
export { log, type Log } from './log.ts';
export { camelCase, readInputs, type ManifestLookup } from './read-inputs.ts';
export { writeReport } from './report.ts';
export { runAction, runPost, type Run } from './run-action.ts';
export { appendSummary, summaryLimitBytes } from './summary.ts';
export { isUserError, UserError } from './user-error.ts';
