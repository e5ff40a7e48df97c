import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../kernel/world.ts';
import { closing } from '../../runtime/process.ts';

export type JobKind = 'training' | 'processing' | 'transform';

/** What the instances of a job write below: one folder each, named `algo-1`, `algo-2` and so on. */
export const jobFolder = (world: World, kind: JobKind, name: string) =>
  join(world.directory, 'sagemaker', kind, name);

/** Nothing is removed while the server closes: the job goes on at its next start, with what it had saved. */
export async function removeJobFolder(world: World, kind: JobKind, name: string): Promise<void> {
  if (!closing(world).aborted) await rm(jobFolder(world, kind, name), { recursive: true, force: true });
}

export const hostNames = (count: number) => Array.from({ length: count }, (_, index) => `algo-${index + 1}`);
