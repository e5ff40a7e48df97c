import { cpSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { artifactsOf, type Artifact } from '../artifacts/artifacts.ts';
import { UserError } from '../errors.ts';
import { matchesPatterns } from '../events/patterns.ts';
import type { BuiltinRequest, BuiltinResult } from './builtin.ts';

/** actions/download-artifact: one artifact into a folder, or several into a folder each. */
export async function downloadArtifact({ job, input, say }: BuiltinRequest): Promise<BuiltinResult> {
  const folder = resolve(job.workspace, input('path') || '.');
  const runId = Number(input('run-id') || job.run.id);
  const repository = input('repository') || job.run.repository;
  const all = artifactsOf(job.host, repository)
    .filter((artifact) => artifact.runId === runId)
    .toReversed();
  const name = input('name');
  const ids = input('artifact-ids')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
  const wanted = all.filter((artifact) => fits(artifact, { name, ids, pattern: input('pattern') }));
  if (wanted.length === 0 && (name || ids.length > 0))
    throw new UserError(
      `Unable to download artifact(s): Artifact not found for name: ${name || ids.join(', ')}. The run has: ${all.map((artifact) => artifact.name).join(', ') || 'none'}.`,
    );
  const flat = name !== '' || ids.length === 1 || input('merge-multiple') === 'true';
  for (const artifact of wanted) {
    const target = flat ? folder : join(folder, artifact.name);
    mkdirSync(target, { recursive: true });
    cpSync(artifact.folder, target, { recursive: true });
    say(`Artifact ${artifact.name} is in ${target}.`);
  }
  return { outputs: { 'download-path': folder } };
}

function fits({ id, name }: Artifact, wanted: { name: string; ids: string[]; pattern: string }): boolean {
  if (wanted.name) return name === wanted.name;
  if (wanted.ids.length > 0) return wanted.ids.includes(String(id));
  return wanted.pattern === '' || matchesPatterns(name, [wanted.pattern]);
}
