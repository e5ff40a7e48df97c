import path from 'node:path';
import type { ConfigEdits } from '../config.ts';
import { instructions, jsonWords, substitute, words } from './instructions.ts';
import type { Instruction } from './instructions.ts';

/** What a Dockerfile does, where it only copies and sets what the image's configuration says. */
export type Recipe = {
  base: string;
  /** In order: what a later one lays down replaces what an earlier one did. */
  copies: Copy[];
  edits: ConfigEdits;
};

/** Sources within the context; `isFolder` where the destination is one, so that files keep their names. */
export type Copy = { sources: string[]; destination: string; isFolder: boolean };

/** Why a Dockerfile has to be built by a builder. */
export type NeedsBuilder = { needsBuilder: string };

/** Reads a Dockerfile as a recipe that needs no builder, or says what in it does. */
export function readRecipe(text: string): Recipe | NeedsBuilder {
  const all = instructions(text);
  if (all === undefined) return { needsBuilder: 'a parser directive or here-document' };
  const reading: Reading = {
    base: '',
    copies: [],
    environment: {},
    labels: {},
    ports: [],
    workingDirectory: '/',
    variables: new Map(),
  };
  for (const instruction of all) {
    const problem = read(reading, instruction);
    if (problem !== undefined) return { needsBuilder: `line ${instruction.line}: ${problem}` };
  }
  if (!reading.base) return { needsBuilder: 'there is no FROM' };
  const { base, copies, environment, labels, ports, workingDirectory, entrypoint, command, user } = reading;
  return {
    base,
    copies,
    edits: {
      ...(Object.keys(environment).length > 0 && { environment }),
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(ports.length > 0 && { ports }),
      ...(workingDirectory !== '/' && { workingDirectory }),
      ...(entrypoint && { entrypoint }),
      ...(command && { command }),
      ...(user && { user }),
    },
  };
}

type Reading = {
  base: string;
  copies: Copy[];
  environment: Record<string, string>;
  labels: Record<string, string>;
  ports: number[];
  workingDirectory: string;
  entrypoint?: string[];
  command?: string[];
  user?: string;
  variables: Map<string, string>;
};

/** Adds one instruction; returns what keeps it from being done without a builder. */
function read(reading: Reading, { name, rest }: Instruction): string | undefined {
  // ENTRYPOINT and CMD are not substituted: the shell does that, when it runs.
  const text = name === 'ENTRYPOINT' || name === 'CMD' ? rest : substitute(rest, reading.variables);
  switch (name) {
    case 'FROM':
      return readFrom(reading, text);
    case 'ARG':
      for (const [key, value] of pairs(text))
        if (!reading.variables.has(key)) reading.variables.set(key, value);
      return undefined;
    case 'ENV':
      for (const [key, value] of pairs(text)) {
        reading.environment[key] = value;
        reading.variables.set(key, value);
      }
      return undefined;
    case 'LABEL':
      Object.assign(reading.labels, Object.fromEntries(pairs(text)));
      return undefined;
    case 'WORKDIR':
      reading.workingDirectory = path.posix.resolve(reading.workingDirectory, words(text)[0] ?? '');
      return undefined;
    case 'COPY':
    case 'ADD':
      return readCopy(reading, name, text);
    case 'EXPOSE': {
      const ports = words(text).map((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.[1]);
      if (ports.includes(undefined)) return `EXPOSE ${text}`;
      reading.ports.push(...ports.map(Number));
      return undefined;
    }
    case 'USER':
      reading.user = text;
      return undefined;
    case 'ENTRYPOINT':
      reading.entrypoint = jsonWords(text) ?? ['/bin/sh', '-c', text];
      return undefined;
    case 'CMD':
      reading.command = jsonWords(text) ?? ['/bin/sh', '-c', text];
      return undefined;
    default:
      return name;
  }
}

function readFrom(reading: Reading, text: string): string | undefined {
  const [base = '', as, ...more] = words(text);
  if (reading.base) return 'a second FROM';
  if (base.startsWith('--') || base === 'scratch') return `FROM ${base}`;
  if (as !== undefined && (as.toUpperCase() !== 'AS' || more.length !== 1)) return `FROM ${text}`;
  reading.base = base;
  return undefined;
}

function readCopy(reading: Reading, name: string, text: string): string | undefined {
  const all = jsonWords(text) ?? words(text);
  const [first = ''] = all;
  if (first.startsWith('--')) return `${name} ${first}`;
  const sources = all.slice(0, -1);
  const given = all.at(-1) ?? '';
  const special = sources.find(
    (source) => /[*?[]/.test(source) || (name === 'ADD' && /:\/\/|\.(tar|tgz|gz|bz2|xz|zst)$/.test(source)),
  );
  if (special !== undefined) return `${name} ${special}`;
  if (sources.length === 0) return `${name} without a destination`;
  const destination = path.posix.resolve(reading.workingDirectory, given);
  const isFolder = /(^|\/)\.?$/.test(given) || sources.length > 1 || destination === reading.workingDirectory;
  reading.copies.push({ sources, destination, isFolder });
  return undefined;
}

/** `KEY=value KEY="a value"`, or the old form with one key and a space. */
function pairs(text: string): [string, string][] {
  const all = words(text);
  const [first = ''] = all;
  if (!first.includes('=')) return [[first, all.slice(1).join(' ')]];
  return all.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
}
