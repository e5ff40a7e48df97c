export { startLocalGithub, type LocalGithub, type LocalGithubOptions } from './start.ts';
export { UserError, WorkflowProblems, type Problem } from './errors.ts';
export { readWorkflow } from './workflow/read.ts';
export type {
  Annotation,
  Conclusion,
  JobRecord,
  Progress,
  Status,
  StepRecord,
  WorkflowRun,
} from './records.ts';
