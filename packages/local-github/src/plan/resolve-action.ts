import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Builtin } from '../builtin/builtin.ts';
import { BUILTINS } from '../builtin/index.ts';
import { problemText, UserError } from '../errors.ts';
import type { Host } from '../host.ts';
import { readAction } from '../workflow/read.ts';
import type { Action } from '../workflow/shape.ts';
import { readReference, sourceOf, type Source } from './source.ts';

export type Resolved =
  | { kind: 'files'; action: Action; folder: string; source: Source; local: boolean }
  | { kind: 'builtin'; name: string; run: Builtin };

/** What a step's `uses:` may refer to: `./x` in the workspace, `$/x` beside the file that says so, `owner/name/x@ref`. */
export async function resolveAction(
  host: Host,
  uses: string,
  from: { source: Source; workspace: string },
): Promise<Resolved> {
  if (uses.startsWith('docker://'))
    throw new UserError(`uses: ${uses}: Docker actions are not supported on this machine.`);
  if (uses.startsWith('./')) return readFolder(join(from.workspace, uses), uses, from.source, true);
  if (uses.startsWith('$/'))
    return readFolder(join(await from.source.folder(), uses.slice(2)), uses, from.source, false);
  const reference = readReference(uses);
  if (!reference) throw new UserError(`uses: ${uses}: expected ./path, $/path or owner/name/path@ref.`);
  const source = await sourceOf(host, reference);
  if (source) return readFolder(join(await source.folder(), reference.path), uses, source, false);
  const name = [reference.repository, reference.path].filter(Boolean).join('/').toLowerCase();
  const run = BUILTINS[name];
  if (run) return { kind: 'builtin', name, run };
  throw new UserError(
    `uses: ${uses}: this action is not on this machine. Map ${reference.repository} to a folder, ` +
      `or use one of ${Object.keys(BUILTINS).join(', ')}, for which there are stand-ins.`,
  );
}

async function readFolder(folder: string, uses: string, source: Source, local: boolean): Promise<Resolved> {
  const file = ['action.yml', 'action.yaml']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (!file) {
    const hint = local ? ' Does a checkout come before it?' : '';
    throw new UserError(`uses: ${uses}: there is no action.yml in ${folder}.${hint}`);
  }
  const { problems, value: action } = readAction(file, await readFile(file, 'utf8'));
  if (!action) throw new UserError(problems.map(problemText).join('\n'));
  checkRuns(action, folder, uses);
  return { kind: 'files', action, folder, source, local };
}

function checkRuns({ runs }: Action, folder: string, uses: string): void {
  if (runs.using === 'composite') return;
  if (!/^node(?:20|24)$/.test(runs.using))
    throw new UserError(
      `uses: ${uses}: actions that run on '${runs.using}' are not supported, only node20, node24 and composite.`,
    );
  for (const part of [runs.pre, runs.main, runs.post]) {
    if (part === undefined || existsSync(join(folder, part))) continue;
    throw new UserError(
      `uses: ${uses}: ${join(folder, part)} is missing. Run \`npm run build\` in the action's repository first.`,
    );
  }
}
