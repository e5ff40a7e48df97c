import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Annotation } from '../records.ts';
import { isStopToken, readCommand, type Command } from './commands.ts';
import type { Masks } from './masks.ts';

/** What a step asked for by printing commands. */
export type Heard = { outputs: Map<string, string>; state: Map<string, string>; annotations: Annotation[] };

export type StepLog = {
  /** A line that a program printed: commands in it are obeyed. */
  printed: (line: string) => void;
  /** A line of the runner's own. */
  say: (line: string) => void;
  /** A line of the runner's own that people see beside the run, too. */
  warn: (message: string) => void;
  fail: (message: string) => void;
  heard: Heard;
  close: () => void;
};

type Settings = { file: string; masks: Masks; now: () => Date; onLine: (line: string) => void };

/** A step's log on disk, each line with its time and with secrets hidden, as GitHub keeps it. */
export function openStepLog({ file, masks, now, onLine }: Settings): StepLog {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'a');
  const heard: Heard = { outputs: new Map(), state: new Map(), annotations: [] };
  let resumeToken: string | undefined;

  const say = (text: string) => {
    for (const line of masks.hide(text).split('\n')) {
      writeSync(handle, `${now().toISOString()} ${line}\n`);
      onLine(line);
    }
  };

  const note = (name: keyof typeof LEVELS, message: string, properties: Record<string, string> = {}) => {
    heard.annotations.push(annotation(name, properties, masks.hide(message)));
    say(`##[${name}]${message}`);
  };
  const warn = (message: string) => note('warning', message);
  const fail = (message: string) => note('error', message);

  const printed = (line: string) => {
    if (resumeToken !== undefined) {
      if (line.trim().toLowerCase() === `::${resumeToken}::`.toLowerCase()) resumeToken = undefined;
      return say(line);
    }
    const command = readCommand(line);
    if (!command) return say(line);
    if (command.name === 'stop-commands') {
      if (isStopToken(command.value)) resumeToken = command.value;
      else fail(`'${command.value}' cannot be the token of stop-commands.`);
      return undefined;
    }
    obey(command, { heard, masks, say, note });
  };

  return { printed, say, warn, fail, heard, close: () => closeSync(handle) };
}

type Ear = {
  heard: Heard;
  masks: Masks;
  say: (line: string) => void;
  note: (name: keyof typeof LEVELS, message: string, properties?: Record<string, string>) => void;
};

function obey({ name, properties, value }: Command, { heard, masks, say, note }: Ear): void {
  switch (name) {
    case 'add-mask':
      masks.add(value);
      return say('::add-mask::***');
    case 'set-output':
      heard.outputs.set(properties['name'] ?? '', value);
      return note('warning', 'The `set-output` command is deprecated: write to $GITHUB_OUTPUT.');
    case 'save-state':
      heard.state.set(properties['name'] ?? '', value);
      return note('warning', 'The `save-state` command is deprecated: write to $GITHUB_STATE.');
    case 'set-env':
    case 'add-path':
      return note(
        'error',
        `The \`${name}\` command is disabled: write to $GITHUB_${name === 'set-env' ? 'ENV' : 'PATH'}.`,
      );
    case 'error':
    case 'warning':
    case 'notice':
      return note(name, value, properties);
    case 'group':
      return say(`##[group]${value}`);
    case 'endgroup':
      return say('##[endgroup]');
    case 'debug':
      return undefined; // shown only with debug logging, which the runner does not offer
    default:
      return undefined; // echo and problem matchers change how a log is shown, not what happens
  }
}

const LEVELS = { error: 'failure', warning: 'warning', notice: 'notice' } as const;

function annotation(
  name: keyof typeof LEVELS,
  properties: Record<string, string>,
  message: string,
): Annotation {
  return {
    level: LEVELS[name],
    message: message.slice(0, 4096),
    title: properties['title'] ?? '',
    file: properties['file'] ?? '.github',
    line: Number(properties['line'] ?? 1) || 1,
  };
}
