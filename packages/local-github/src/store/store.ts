import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Records by key, in memory and in a journal: written before `put` returns, so that a killed process loses nothing. */
export type Table<T> = {
  get: (key: string | number) => T | undefined;
  put: (key: string | number, value: T) => T;
  delete: (key: string | number) => void;
  all: () => T[];
};

export type Store = {
  table: <T>(name: string) => Table<T>;
  nextId: (kind: string) => number;
  close: () => void;
};

type Entry = { table: string; key: string; value?: unknown };

/** Opens the journal at `file`, or makes it. A last line that was cut by a kill is left out. */
export function openStore(file: string): Store {
  mkdirSync(dirname(file), { recursive: true });
  const tables = new Map<string, Map<string, unknown>>();
  const records = (name: string) => {
    const known = tables.get(name) ?? new Map<string, unknown>();
    tables.set(name, known);
    return known;
  };
  if (existsSync(file)) {
    for (const entry of readJournal(file)) {
      if (entry.value === undefined) records(entry.table).delete(entry.key);
      else records(entry.table).set(entry.key, entry.value);
    }
    compact(file, tables);
  }
  const journal = openSync(file, 'a');
  const write = (entry: Entry) => writeSync(journal, `${JSON.stringify(entry)}\n`);

  const store: Store = {
    table: <T>(name: string): Table<T> => {
      const map = records(name) as Map<string, T>;
      return {
        get: (key) => map.get(String(key)),
        put(key, value) {
          write({ table: name, key: String(key), value });
          map.set(String(key), value);
          return value;
        },
        delete(key) {
          write({ table: name, key: String(key) });
          map.delete(String(key));
        },
        all: () => [...map.values()],
      };
    },
    nextId(kind) {
      const counters = store.table<number>('counters');
      return counters.put(kind, (counters.get(kind) ?? 0) + 1);
    },
    close: () => closeSync(journal),
  };
  return store;
}

function readJournal(file: string): Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop(); // empty, or cut in the middle
  return lines.map((line) => JSON.parse(line) as Entry);
}

function compact(file: string, tables: Map<string, Map<string, unknown>>): void {
  const entries = [...tables].flatMap(([table, map]) =>
    [...map].map(([key, value]) => `${JSON.stringify({ table, key, value } satisfies Entry)}\n`),
  );
  writeFileSync(`${file}.new`, entries.join(''));
  renameSync(`${file}.new`, file);
}
