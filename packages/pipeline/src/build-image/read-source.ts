import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import { listFolder, readRequirements, serverPaths } from '@tidegate/image';
import type { FileLayer, LayerEntry, Requirements } from '@tidegate/image';
import { ignoreFile, readIgnore } from './read-ignore.ts';
import type { BuildImageSettings } from './settings.ts';

/** What the source folder gives to the image. */
export type Source = {
  layers: FileLayer[];
  /** The packages that the handlers need. */
  requirements: Requirements;
};

// What no image needs, and what differs from machine to machine.
const never = /(^|\/)(\.git|__pycache__|\.venv|\.tidegate|node_modules|\.DS_Store)$|\.pyc$/;
// A file of this size that is no text is taken for weights: sent as it is, since weights do not compress.
const weightBytes = 1024 * 1024;
const weightNames =
  /\.(safetensors|bin|pt|pth|onnx|gguf|ckpt|npy|npz|h5|pkl|joblib|model|params|pb|tflite|plan|engine)$/i;

/** Reads the source folder. @throws UserError where entry or requirements are not in it */
export function readSource({ source, requirements, entry }: BuildImageSettings): Source {
  const files = entryFiles(entry);
  const file = files.find((each) => existsSync(path.resolve(source, each))) ?? files[0];
  if (file !== undefined) requireFile(source, file, 'entry', 'what is served');
  if (requirements) requireFile(source, requirements, 'requirements', 'a list of Python packages');
  const listed = readIgnore(source);
  const entries = listFolder(
    source,
    serverPaths.code,
    (file, isFolder) => never.test(file) || listed(file, isFolder),
  );
  const isIn = (file: string) =>
    entries.some(({ path: at }) => `/${at}` === path.posix.join(serverPaths.code, file));
  if (file !== undefined && !isIn(file))
    throw new UserError(`entry ${file} is left out by ${ignoreFile(source)}`);
  const [weights, code] = [entries.filter(isWeight), entries.filter((each) => !isWeight(each))];
  return {
    requirements: requirements ? readRequirements(source, requirements) : { lines: [], constraints: [] },
    layers: [
      { entries: code, compression: 'gzip', createdBy: 'tidegate: code' },
      ...(weights.length > 0
        ? [{ entries: weights, compression: 'none', createdBy: 'tidegate: weights' } as const]
        : []),
    ],
  };
}

/** Where an entry may lie: `serving.app:model` in `serving/app.py`, or in the package of that name. */
function entryFiles(entry: string | undefined): string[] {
  if (entry === undefined) return [];
  if (!entry.includes(':')) return [entry];
  const [module = ''] = entry.split(':');
  const place = module.replaceAll('.', '/');
  return [`${place}.py`, `${place}/__init__.py`];
}

/** Files that are sent as they are: large, and of a kind that does not compress. */
export function isWeight({ kind, sizeBytes, path: name }: LayerEntry): boolean {
  return kind === 'file' && sizeBytes >= weightBytes && weightNames.test(name);
}

function requireFile(source: string, file: string, input: string, what: string): void {
  const place = path.resolve(source, file);
  if (path.relative(source, place).startsWith('..')) {
    throw new UserError(`${input} ${file} is outside of the source folder ${source}`);
  }
  if (!existsSync(place) || !statSync(place).isFile()) {
    throw new UserError(`${input} ${file} is not a file in ${source}: it should be ${what}`);
  }
}
