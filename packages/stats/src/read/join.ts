import { addCounts, noCounts } from '../table.ts';
import type { Column, Table } from '../table.ts';

/** The tables' rows one after another; a column that a table lacks is missing there. */
export function joinTables(tables: readonly Table[]): Table {
  if (tables.length === 1) return tables[0]!;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const names = new Set(tables.flatMap((table) => table.columns.map((column) => column.name)));
  return { rows, columns: [...names].map((name) => joinColumn(name, tables, rows)) };
}

function joinColumn(name: string, tables: readonly Table[], rows: number): Column {
  const parts = tables.map((table) => table.columns.find((column) => column.name === name));
  const joined: Column = { name, rows, counts: noCounts() };
  if (parts.some((part) => part?.numbers)) joined.numbers = new Float64Array(rows).fill(Number.NaN);
  if (parts.some((part) => part?.codes)) joined.codes = new Int32Array(rows).fill(-1);
  const codes = new Map<string, number>();
  let at = 0;
  tables.forEach((table, i) => {
    const part = parts[i];
    if (part) addCounts(joined.counts, part.counts);
    if (part?.given) joined.given = part.given;
    if (part?.numbers) joined.numbers!.set(part.numbers, at);
    if (part?.codes) placeCodes(part, codes, joined.codes!, at);
    at += table.rows;
  });
  if (joined.codes) joined.texts = [...codes.keys()];
  return joined;
}

function placeCodes(part: Column, known: Map<string, number>, into: Int32Array, at: number): void {
  const renamed = part.texts!.map((text) => {
    if (!known.has(text)) known.set(text, known.size);
    return known.get(text)!;
  });
  part.codes!.forEach((code, row) => {
    if (code >= 0) into[at + row] = renamed[code]!;
  });
}
