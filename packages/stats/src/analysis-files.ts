import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from './read/source.ts';
import type { Source } from './read/source.ts';

/** The file itself, or every file below the folder by name; hidden files are left out. @throws UserError when there is no such path */
export async function filesIn(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
  } catch (error) {
    throw unreadable(path, error);
  }
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.startsWith('_'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return files;
}

/**
 * What of a folder's files is to be read: data; where there are none profiles of them; where there are none a statistics.json. Empty when
 * there is nothing of these.
 */
export function dataAmong(files: readonly string[]): string[] {
  const kinds = [/\.(csv|tsv|parquet|jsonl|ndjson)(\.gz)?$/, /\.profile\.gz$/, /(^|\/)statistics\.json$/];
  const found = kinds.map((kind) => files.filter((file) => kind.test(file)));
  return found.find((each) => each.length > 0) ?? [];
}

export function sourcesOf(files: readonly string[]): Source[] {
  return files.map((file) => ({ file }));
}

/** Writes each as JSON into the folder, which is made when it is not there. */
export async function writeResults(folder: string, files: Record<string, unknown>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    // A statistics.json is mostly sketches of thousands of numbers, which nobody reads line by line.
    const indent = name === 'statistics.json' ? 0 : 2;
    await writeFile(join(folder, name), `${JSON.stringify(content, undefined, indent)}\n`);
  }
}
