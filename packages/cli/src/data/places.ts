import { createReadStream, existsSync, statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dataAmong, filesIn, type Source } from '@tidegate/stats';
import { UserError } from '../terminal/errors.ts';

/** Something that can be read, as it was found. */
export type Place = {
  source: Source;
  /** A path, an S3 URI, or "standard input". */
  name: string;
  /** Undefined for what comes through a pipe. */
  bytes: number | undefined;
};

/**
 * What the words of a command line mean: files, folders, patterns that no shell has expanded, `s3://bucket/prefix` and `-`. Of a folder
 * the data are taken, where there are none profiles of them, where there are none a statistics.json. A list for each word.
 * @throws UserError naming every word that means nothing
 */
export async function placesOf(words: readonly string[]): Promise<Place[][]> {
  const found: Place[][] = [];
  for (const word of words) found.push(await placesIn(word));
  const missing = words.filter((_, i) => found[i]!.length === 0);
  if (missing.length > 0) throw new UserError(`there is nothing to read at ${missing.join(', ')}`);
  return found;
}

async function placesIn(word: string): Promise<Place[]> {
  if (word === '-') {
    return [
      { source: { stream: process.stdin, name: 'standard input' }, name: 'standard input', bytes: undefined },
    ];
  }
  // Loaded where it is needed: AWS's clients take longer to load than most files to read.
  if (word.startsWith('s3://')) return await (await import('./stored-places.ts')).storedPlaces(word);
  // A file may be called like a pattern.
  if (existsSync(word)) return statSync(word).isDirectory() ? chosen(await filesIn(word)) : [fileAt(word)];
  const matching: string[] = [];
  for await (const match of glob(word)) if (statSync(match).isFile()) matching.push(match);
  return matching.sort().map(fileAt);
}

function chosen(files: string[]): Place[] {
  const data = dataAmong(files);
  return (data.length > 0 ? data : files).map(fileAt);
}

function fileAt(file: string): Place {
  const about = statSync(file);
  if (about.isFile()) return { source: { file }, name: file, bytes: about.size };
  // A pipe, as of `<(zcat a.gz)`, can be read once.
  return { source: { stream: createReadStream(file), name: file }, name: file, bytes: undefined };
}
