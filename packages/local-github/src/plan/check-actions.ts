import { UserError, type Problem } from '../errors.ts';
import type { Host } from '../host.ts';
import type { StepShape } from '../workflow/shape.ts';
import type { Plan } from './plan.ts';
import { resolveAction } from './resolve-action.ts';
import type { Source } from './source.ts';

/** Every action that a plan's steps name must be on this machine, with its built files, before anything runs. */
export async function checkActions(host: Host, plan: Plan): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [id, job] of plan.jobs) {
    for (const [index, step] of (job.shape.steps ?? []).entries()) {
      for (const message of await reasonsAgainst(host, step, plan.source, new Set()))
        problems.push({
          file: plan.file.file,
          ...plan.file.locate(['jobs', id, 'steps', index, 'uses']),
          message,
        });
    }
  }
  return problems;
}

async function reasonsAgainst(
  host: Host,
  { uses }: StepShape,
  source: Source,
  seen: Set<string>,
): Promise<string[]> {
  // What lies in the workspace is known only when the job has put it there.
  if (uses === undefined || uses.startsWith('./')) return [];
  const key = `${source.repository}@${source.ref}:${uses}`;
  if (seen.has(key)) return [];
  seen.add(key);
  try {
    const resolved = await resolveAction(host, uses, { source, workspace: '' });
    if (resolved.kind === 'builtin') return [];
    const inner: string[] = [];
    for (const step of resolved.action.runs.steps ?? [])
      inner.push(
        ...(await reasonsAgainst(host, step, resolved.source, seen)).map(
          (reason) => `uses: ${uses}: ${reason}`,
        ),
      );
    return inner;
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}
