import { problemText, UserError, WorkflowProblems, type Problem } from '../errors.ts';
import type { Host, Permissions } from '../host.ts';
import { beyond, defaultPermissions, permissionsOf } from '../workflow/permissions.ts';
import { readWorkflow } from '../workflow/read.ts';
import type { JobShape } from '../workflow/shape.ts';
import { checkActions } from './check-actions.ts';
import { checkCall } from './check-call.ts';
import type { Plan } from './plan.ts';
import { refusals } from './refuse.ts';
import { readReference, sourceOf, type Source } from './source.ts';

/** GitHub's limit on workflows that call workflows. */
const MAX_DEPTH = 10;

/** Reads a workflow and all it calls. Throws WorkflowProblems with every reason why it cannot run here. */
export async function planWorkflow(host: Host, source: Source, path: string): Promise<Plan> {
  const problems: Problem[] = [];
  const plan = await planFile({ host, problems, depth: 1, home: source.repository }, source, path, undefined);
  if (!plan || problems.length > 0) throw new WorkflowProblems(distinct(problems));
  return plan;
}

/** A workflow that is called twice has its problems once. */
const distinct = (problems: Problem[]): Problem[] => [
  ...new Map(problems.map((problem) => [problemText(problem), problem])).values(),
];

type Planning = { host: Host; problems: Problem[]; depth: number; home: string };

async function planFile(
  planning: Planning,
  source: Source,
  path: string,
  granted: Permissions | undefined,
): Promise<Plan | undefined> {
  const { host, problems, home } = planning;
  const text = await source.read(path);
  if (text === undefined) throw new UserError(`${source.repository} has no ${path} at ${source.ref}.`);
  const reading = readWorkflow(source.repository === home ? path : `${source.repository}/${path}`, text);
  problems.push(...reading.problems);
  if (!reading.value) return undefined;
  const file = reading.value;
  problems.push(...refusals(file));
  const plan: Plan = { path, source, file, jobs: new Map() };
  for (const [id, shape] of Object.entries(file.workflow.jobs)) {
    const written = shape.permissions ?? file.workflow.permissions;
    const permissions =
      written === undefined
        ? (granted ?? defaultPermissions(host.defaultPermissions))
        : permissionsOf(written);
    if (granted) {
      const excess = beyond(permissions, granted);
      if (excess.length > 0) {
        const message = `The job '${id}' asks for ${excess.join(', ')}, which the job that calls this workflow has not got.`;
        problems.push({ file: file.file, ...file.locate(['jobs', id, 'permissions']), message });
      }
    }
    const needs = [shape.needs ?? []].flat();
    const callee =
      shape.uses === undefined ? undefined : await planCallee(planning, plan, id, shape, permissions);
    plan.jobs.set(id, { id, shape, needs, permissions, callee });
  }
  problems.push(...(await checkActions(host, plan)));
  return plan;
}

async function planCallee(
  planning: Planning,
  caller: Plan,
  id: string,
  shape: JobShape,
  permissions: Permissions,
) {
  const uses = shape.uses ?? '';
  const refuse = (message: string) =>
    planning.problems.push({ file: caller.file.file, ...caller.file.locate(['jobs', id, 'uses']), message });
  if (planning.depth >= MAX_DEPTH) {
    refuse(`Workflows may call each other at most ${MAX_DEPTH} deep.`);
    return undefined;
  }
  try {
    const { source, path } = await findWorkflow(planning.host, caller.source, uses);
    const callee = await planFile({ ...planning, depth: planning.depth + 1 }, source, path, permissions);
    if (callee) planning.problems.push(...checkCall(caller, id, shape, callee));
    return callee;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    refuse(error.message);
    return undefined;
  }
}

async function findWorkflow(
  host: Host,
  from: Source,
  uses: string,
): Promise<{ source: Source; path: string }> {
  if (uses.startsWith('./') || uses.startsWith('$/')) return { source: from, path: uses.slice(2) };
  const reference = readReference(uses);
  const source = reference && (await sourceOf(host, reference));
  if (!reference || !source)
    throw new UserError(
      `uses: ${uses}: this workflow is not on this machine. Map its repository to a folder.`,
    );
  return { source, path: reference.path };
}
