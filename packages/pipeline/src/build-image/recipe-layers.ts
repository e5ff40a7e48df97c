import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import { fileEntry, listFolder, parseDockerignore } from '@tidegate/image';
import type { FileLayer, Ignore, LayerEntry, Recipe } from '@tidegate/image';
import { isWeight } from './read-source.ts';

/** The layers that a Dockerfile's COPY instructions make of the context. @throws UserError for a source that is not there */
export function recipeLayers({ copies }: Recipe, context: string): FileLayer[] {
  const file = path.join(context, '.dockerignore');
  const ignore = existsSync(file) ? parseDockerignore(readFileSync(file, 'utf8')) : () => false;
  const laid = new Map<string, LayerEntry>();
  for (const { sources, destination, isFolder } of copies) {
    for (const source of sources) {
      for (const entry of copySource(context, { source, destination, isFolder }, ignore))
        laid.set(entry.path, entry);
    }
  }
  const entries = [...laid.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const [weights, code] = [entries.filter(isWeight), entries.filter((each) => !isWeight(each))];
  return [
    ...(code.length > 0
      ? [{ entries: code, compression: 'gzip', createdBy: 'tidegate: COPY' } as const]
      : []),
    ...(weights.length > 0
      ? [{ entries: weights, compression: 'none', createdBy: 'tidegate: COPY of weights' } as const]
      : []),
  ];
}

type One = { source: string; destination: string; isFolder: boolean };

function copySource(context: string, { source, destination, isFolder }: One, ignore: Ignore): LayerEntry[] {
  const place = path.resolve(context, `./${source}`);
  const inside = path.relative(context, place);
  if (inside.startsWith('..')) throw new UserError(`COPY ${source} leads out of the context ${context}`);
  if (!existsSync(place) || (inside !== '' && ignore(inside, statSync(place).isDirectory()))) {
    throw new UserError(
      `COPY ${source}: there is no such file in ${context}, or .dockerignore leaves it out`,
    );
  }
  if (statSync(place).isDirectory()) {
    // A folder's content is copied, not the folder.
    const within: Ignore = (name, folder) => ignore(inside ? `${inside}/${name}` : name, folder);
    return listFolder(place, destination, within);
  }
  const at = isFolder ? path.posix.join(destination, path.basename(place)) : destination;
  const { mode, size, mtimeMs } = statSync(place);
  const entry = fileEntry(at, '', mode & 0o100 ? 0o755 : 0o644);
  return [{ ...entry, sizeBytes: size, content: { file: place, modifiedMs: mtimeMs } }];
}
