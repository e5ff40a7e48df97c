import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLocalAws } from './index.ts';
import type { ServiceEntry } from './kernel/service-entry.ts';
import { services } from './kernel/services.ts';
import type { World } from './kernel/world.ts';
import { loadModel } from './protocols/model.ts';

type Coverage = { entry: ServiceEntry; built: string[]; unknown: string[]; all: number; prose: string };

/**
 * SPEC.md: what this local AWS does and refuses. The prose of a service is `spec.md` in its folder; its operations are
 * read from the code and compared with the SDK's.
 */
export async function specMarkdown(): Promise<string> {
  await using aws = await startLocalAws({ clock: { manual: true } });
  const coverages = await Promise.all(services.map((entry) => coverage(aws.world, entry)));
  return [read('spec-head.md'), ...coverages.map(section)].map((text) => text.trim()).join('\n\n') + '\n';
}

/** Operations that a service answers to and the SDK does not know: a misspelt name, which nobody could call. */
export async function unknownOperations(): Promise<string[]> {
  await using aws = await startLocalAws({ clock: { manual: true } });
  const coverages = await Promise.all(services.map((entry) => coverage(aws.world, entry)));
  return coverages.flatMap(({ entry, unknown }) => unknown.map((name) => `${entry.id}:${name}`));
}

async function coverage(world: World, entry: ServiceEntry): Promise<Coverage> {
  const [model, service] = [await loadModel(entry), (await entry.load())(world)];
  const raw =
    service.raw && entry.rawOperation !== undefined && model.operations.has(entry.rawOperation)
      ? [entry.rawOperation]
      : [];
  const names = [...new Set([...Object.keys(service.operations), ...raw])].sort();
  return {
    entry,
    built: names.filter((name) => model.operations.has(name)),
    unknown: names.filter((name) => !model.operations.has(name)),
    all: model.operations.size,
    prose: read(join(folders[entry.id] ?? entry.id, 'spec.md')),
  };
}

/** Where a folder has a plainer name than a signature. */
const folders: Record<string, string> = { monitoring: 'cloudwatch' };

function section({ entry, built, all, prose }: Coverage): string {
  const rest = all - built.length;
  return [
    `## ${entry.id}`,
    prose.trim(),
    `${built.length} operations: ${built.map((name) => `\`${name}\``).join(', ')}.`,
    rest > 0
      ? `The other ${rest} that the SDK knows are refused with 501 and their name.`
      : 'That is all of them.',
  ].join('\n\n');
}

function read(file: string): string {
  const path = join(import.meta.dirname, file);
  if (!existsSync(path)) throw new Error(`${path} is missing: every service says what it does and refuses`);
  return readFileSync(path, 'utf8');
}
