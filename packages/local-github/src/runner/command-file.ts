import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';

/** The files through which a step talks back to the runner, by their environment variable. */
export type CommandFiles = Record<
  'GITHUB_OUTPUT' | 'GITHUB_ENV' | 'GITHUB_PATH' | 'GITHUB_STATE' | 'GITHUB_STEP_SUMMARY',
  string
>;

export function createCommandFiles(temporary: string): CommandFiles {
  const folder = join(temporary, '_runner_file_commands');
  mkdirSync(folder, { recursive: true });
  const id = randomUUID();
  const file = (name: string) => {
    const path = join(folder, `${name}_${id}`);
    writeFileSync(path, '');
    return path;
  };
  return {
    GITHUB_OUTPUT: file('set_output'),
    GITHUB_ENV: file('set_env'),
    GITHUB_PATH: file('add_path'),
    GITHUB_STATE: file('save_state'),
    GITHUB_STEP_SUMMARY: file('step_summary'),
  };
}

/**
 * Reads NAME=VALUE lines and NAME<<DELIMITER blocks, by the rules of actions/runner (FileCommandManager):
 * whichever of `=` and `<<` comes first decides, so a name cannot contain either; a block without its end is an error.
 */
export function readPairs(file: string): Map<string, string> {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const pairs = new Map<string, string>();
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      pairs.set(nameOf(line.slice(0, equals), line), line.slice(equals + 1));
    } else if (heredoc >= 0) {
      const name = nameOf(line.slice(0, heredoc), line);
      const delimiter = line.slice(heredoc + 2);
      if (delimiter === '') throw new UserError(`Invalid format '${line}'`);
      const end = lines.indexOf(delimiter, at + 1);
      if (end < 0) throw new UserError(`Invalid value. Matching delimiter not found '${delimiter}'`);
      pairs.set(name, lines.slice(at + 1, end).join('\n'));
      at = end;
    } else {
      throw new UserError(`Invalid format '${line}'`);
    }
  }
  return pairs;
}

function nameOf(name: string, line: string): string {
  if (name === '') throw new UserError(`Invalid format '${line}'`);
  return name;
}

export const readLines = (file: string): string[] =>
  readFileSync(file, 'utf8').split(/\r?\n/).filter(Boolean);
