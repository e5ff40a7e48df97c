import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ImageError } from '../errors.ts';

/** A requirements file with all that it includes. */
export type Requirements = {
  /** One requirement or option a line, included files in the place of `-r`. */
  lines: string[];
  /** The constraint files that it names (`-c`), in full. */
  constraints: { file: string; text: string }[];
};

/**
 * Reads a requirements file as pip does, with line continuations and `-r` of other files.
 * @throws ImageError where a file is missing, or leads out of `folder`
 */
export function readRequirements(folder: string, file: string): Requirements {
  const lines: string[] = [];
  const constraints: Requirements['constraints'] = [];
  include(file, []);
  return { lines, constraints };

  function include(name: string, from: string[]): void {
    if (from.includes(name)) throw new ImageError(`${name} includes itself (${[...from, name].join(' → ')})`);
    for (const line of logicalLines(read(folder, name, from.at(-1)))) {
      const [, option, value = ''] =
        /^(-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)$/.exec(line) ?? /^(-r|-c)(\S+)$/.exec(line) ?? [];
      const target = path.posix.join(path.posix.dirname(name), value);
      if (option === undefined) lines.push(line);
      else if (option === '-r' || option === '--requirement') include(target, [...from, name]);
      else constraints.push({ file: path.join(folder, target), text: read(folder, target, name) });
    }
  }
}

/** Lines without comments, with `\` at an end taken as going on. (pip: "Requirements File Format") */
function logicalLines(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/(^|\s)#.*$/, '')
        .trim()
        .replace(/\s+/g, ' '),
    )
    .filter((line) => line !== '');
}

function read(folder: string, name: string, from: string | undefined): string {
  if (path.posix.normalize(name).startsWith('..')) {
    throw new ImageError(`${from ?? 'requirements'} includes ${name}, which is outside of ${folder}`);
  }
  try {
    return readFileSync(path.join(folder, name), 'utf8');
  } catch (error) {
    const whose = from ? `, which ${from} includes,` : '';
    throw new ImageError(`${path.join(folder, name)}${whose} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
