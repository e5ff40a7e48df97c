import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readWorkflow } from '@tidegate/local-github';
import { parseManifest } from '@tidegate/pipeline';
import { UserError } from '../terminal/errors.ts';
import { mark } from '../terminal/style.ts';
import { parseCommandLine } from './arguments.ts';

export async function main(args: readonly string[]): Promise<number> {
  const { positionals } = parseCommandLine(args, {}, [0, 1]);
  const folder = positionals[0] ?? '.';
  const files = [...manifestsIn(folder), ...workflowsIn(folder)];
  if (files.length === 0)
    throw new UserError(
      `${path.resolve(folder)} has neither tidegate.yml nor .github/workflows; tidegate init writes both`,
    );
  let problems = 0;
  for (const file of files) {
    const found = await problemsOf(file, path.relative('.', file));
    problems += found.length;
    console.log(`${mark(found.length === 0 ? 'good' : 'bad')} ${path.relative('.', file)}`);
    for (const problem of found) console.log(`  ${problem}`);
  }
  if (problems > 0) console.log(`\n${problems} problem${problems === 1 ? '' : 's'}`);
  return problems === 0 ? 0 : 1;
}

async function problemsOf(file: string, shown: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  if (path.basename(path.dirname(file)) !== 'workflows') return parseManifest(text, shown).problems;
  return readWorkflow(shown, text).problems.map(
    ({ line, column, message }) => `${shown}:${line}:${column}  ${message}`,
  );
}

function manifestsIn(folder: string): string[] {
  const manifest = path.join(folder, 'tidegate.yml');
  return existsSync(manifest) ? [manifest] : [];
}

function workflowsIn(folder: string): string[] {
  const workflows = path.join(folder, '.github', 'workflows');
  if (!existsSync(workflows)) return [];
  return readdirSync(workflows)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => path.join(workflows, name));
}
