import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import { fileEntry, listFolder } from '@tidegate/image';
import type { FileLayer, Ignore, LayerEntry, Recipe } from '@tidegate/image';
import { readIgnore } from './read-ignore.ts';
import { isWeight } from './read-source.ts';

/** The layers that a Dockerfile's COPY instructions make of the context. @throws UserError for a source that is not there */
export function recipeLayers({ copies }: Recipe, context: string, dockerfile: string): FileLayer[] {
  const ignore = readIgnore(context, dockerfile);
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
  if (leadsOut(inside)) throw new UserError(`COPY ${source} leads out of the context ${context}`);
  const isLeftOut = (at: string) => at !== '' && ignore(at, statSync(path.join(context, at)).isDirectory());
  const nothing = `COPY ${source}: there is no such file in ${context}, or .dockerignore leaves it out`;
  if (!existsSync(place) || isLeftOut(inside)) throw new UserError(nothing);
  // Links are followed, as builders do, and only to what could have been named itself.
  const real = path.relative(realpathSync(context), realpathSync(place));
  if (leadsOut(real)) throw new UserError(`COPY ${source} is a link out of the context ${context}`);
  if (isLeftOut(real)) throw new UserError(nothing);
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

function leadsOut(relative: string): boolean {
  return relative === '..' || relative.startsWith(`..${path.sep}`);
}
