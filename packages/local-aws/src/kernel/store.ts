import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Instant, Store, Table } from './world.ts';

export type OpenStore = Store & {
  /** The latest instant anything was written at, 0 for a new store: a restarted clock must not run behind it. */
  readonly lastWrite: Instant;
  readonly isEmpty: boolean;
  close(): void;
};

/** One line of a journal: when, which key, and the new value; without a value the key was deleted. */
type Line = [at: Instant, key: string, value?: unknown];

/**
 * A journal per table, `<directory>/<table>.jsonl`, one JSON line a change. A change is handed to the operating system
 * in one write before `put` returns, so that `kill -9` at any moment loses nothing that was answered.
 * What `get` returns is frozen: a change that is not `put` would be lost at the next start, so it throws instead.
 */
export function openStore(directory: string, now: () => Instant): OpenStore {
  mkdirSync(directory, { recursive: true });
  const tables = new Map<string, { table: Table<never>; close(): void }>();
  const journals = readdirSync(directory).filter((file) => file.endsWith('.jsonl'));
  return {
    lastWrite: Math.max(0, ...journals.map((file) => lastInstant(join(directory, file)))),
    isEmpty: journals.length === 0,
    table(name: string) {
      let open = tables.get(name);
      if (open === undefined) {
        open = openTable(join(directory, `${encodeURIComponent(name)}.jsonl`), now);
        tables.set(name, open);
      }
      return open.table;
    },
    close() {
      for (const open of tables.values()) open.close();
    },
  };
}

function openTable(file: string, now: () => Instant): { table: Table<never>; close(): void } {
  const rows = new Map<string, unknown>();
  if (existsSync(file)) load(file, rows);
  let descriptor: number | undefined;
  let closed = false;
  const append = (line: Line) => {
    // What is still going on when the server has closed changes nothing any more, as after `kill -9`.
    if (closed) return;
    descriptor ??= openSync(file, 'a');
    writeSync(descriptor, `${JSON.stringify(line)}\n`);
  };
  const table: Table<unknown> = {
    get: (key) => rows.get(key),
    put(key, value) {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError(`the value of "${key}" cannot be written as JSON`);
      // The copy that is kept is what a restart would read back: a Date is a string from the start.
      const copy: unknown = JSON.parse(text);
      append([now(), key, copy]);
      rows.set(key, deepFreeze(copy));
    },
    delete(key) {
      if (!rows.has(key)) return false;
      append([now(), key]);
      return rows.delete(key);
    },
    values: () => [...rows.values()],
    keys: () => [...rows.keys()],
  };
  return {
    table: table as Table<never>,
    close() {
      closed = true;
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}

/** Reads a journal, drops a last line that a crash cut off, and rewrites the file where it is mostly history. */
function load(file: string, rows: Map<string, unknown>) {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(10) + 1;
  if (end < bytes.length) truncateSync(file, end);
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  let last: Instant = 0;
  for (const [index, text] of lines.entries()) {
    const line = parseLine(text, `${file}:${index + 1}`);
    last = Math.max(last, line[0]);
    if (line.length === 2) rows.delete(line[1]);
    else rows.set(line[1], deepFreeze(line[2]));
  }
  if (lines.length <= 2 * rows.size + 64) return;
  const compact = [...rows].map(([key, value]) => `${JSON.stringify([last, key, value])}\n`);
  // A new name and a rename: a crash leaves either the old journal or the new one. An emptied table keeps its last
  // instant as the deletion of a key that is not there.
  writeFileSync(`${file}.new`, compact.length > 0 ? compact.join('') : `${JSON.stringify([last, ''])}\n`);
  renameSync(`${file}.new`, file);
}

function lastInstant(file: string): Instant {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(10);
  if (end === -1) return 0;
  const start = bytes.lastIndexOf(10, end - 1) + 1;
  return parseLine(bytes.toString('utf8', start, end), file)[0];
}

function parseLine(text: string, where: string): Line {
  try {
    const line: unknown = JSON.parse(text);
    if (Array.isArray(line) && typeof line[0] === 'number' && typeof line[1] === 'string')
      return line as Line;
  } catch {
    // Told below, with the file and the line.
  }
  throw new Error(
    `${where}: not a line of a journal. The file was changed by something else; restore or delete it.`,
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
