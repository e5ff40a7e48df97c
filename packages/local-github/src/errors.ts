/** A mistake that the reader can repair: says the thing, what was found and what would be right. Shown without a stack. */
export class UserError extends Error {
  override name = 'UserError';
}

/** A place in a workflow or action file where something is wrong. Lines and columns count from 1. */
export type Problem = { file: string; line: number; column: number; message: string };

export const problemText = ({ file, line, column, message }: Problem): string =>
  `${file}:${line}:${column}  ${message}`;

/** A workflow that cannot start: every reason at once, each with its place. */
export class WorkflowProblems extends UserError {
  override name = 'WorkflowProblems';
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}
