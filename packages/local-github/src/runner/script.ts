import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { interpolateText } from '../expressions/interpolate.ts';
import { stepContexts, stepFunctions } from './contexts.ts';
import { execute } from './execute.ts';
import type { Handled, StepRequest } from './step.ts';

/** How GitHub calls each shell. No `shell:` at all is bash without pipefail. */
const SHELLS: Record<string, { command: string; extension: string }> = {
  '': { command: 'bash -e {0}', extension: 'sh' },
  bash: { command: 'bash --noprofile --norc -eo pipefail {0}', extension: 'sh' },
  sh: { command: 'sh -e {0}', extension: 'sh' },
  python: { command: 'python {0}', extension: 'py' },
};

/** A `run:` step: its text in a file, run by its shell. */
export async function runScript(request: StepRequest): Promise<Handled> {
  const { job, scope, step, env, log } = request;
  const text = (value: string | undefined) =>
    interpolateText(value, stepContexts(job, scope, env), stepFunctions(job, scope));
  const defaults = job.defaults.map((level) => level.run);
  const written = step.shell ?? (scope.action ? undefined : defaults.find((run) => run?.shell)?.shell);
  const shell = text(written);
  const known = SHELLS[shell] ?? { command: shell, extension: 'txt' };
  if (!known.command.includes('{0}'))
    throw new UserError(`shell: '${shell}' is not supported: bash, sh, python or a command with {0}.`);

  const script = join(job.temporary, `${randomUUID()}.${known.extension}`);
  const body = text(step.run);
  writeFileSync(script, body.endsWith('\n') ? body : `${body}\n`);
  const directory = text(
    step['working-directory'] ??
      (scope.action ? undefined : defaults.find((run) => run?.['working-directory'])?.['working-directory']),
  );
  const cwd = resolve(job.workspace, directory || '.');
  if (!existsSync(cwd)) throw new UserError(`working-directory: ${cwd} does not exist.`);

  log.say(`##[group]Run ${body.trim().split('\n')[0]}`);
  for (const line of body.trimEnd().split('\n')) log.say(line);
  log.say(`shell: ${known.command}`);
  log.say('##[endgroup]');
  const [command = 'bash', ...args] = known.command.split(/\s+/).map((word) => word.replace('{0}', script));
  return (await execute(request, { command, args, cwd })).handled;
}
