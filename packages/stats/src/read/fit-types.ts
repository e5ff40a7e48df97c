import { noCounts } from '../table.ts';
import type { Column, Table, TypeCounts } from '../table.ts';
import { typeIn } from './schema.ts';
import type { GivenType, Schema } from './schema.ts';

/** The table as the schema has it: columns of the given types, ignored ones left out. */
export function fitTypes(table: Table, schema: Schema | undefined): Table {
  if (!schema) return table;
  const columns = table.columns.flatMap((column) => {
    const type = typeIn(schema, column.name);
    if (type === 'ignore') return [];
    return type === undefined ? column : fitColumn(column, type);
  });
  return { rows: table.rows, columns };
}

/** The column as one of this type. Values that cannot be of it become missing and are counted as wrong; integers are so by their value. */
export function fitColumn(column: Column, type: GivenType): Column {
  if (column.given === type) return column;
  return { ...(fits(column.counts, type) ? column : FIT[type](column)), given: type };
}

function fits({ integral, fractional, text, boolean }: TypeCounts, type: GivenType): boolean {
  if (type === 'integer') return fractional + text + boolean === 0;
  if (type === 'fractional') return text + boolean === 0;
  return integral + fractional + (type === 'text' ? boolean : text) === 0;
}

const FIT: Record<GivenType, (column: Column) => Column> = {
  integer: (column) => asNumbers(column, Number.isInteger),
  fractional: (column) => asNumbers(column, (value) => !Number.isNaN(value)),
  text: (column) => asTexts(column, 'text', (text) => text),
  boolean: (column) => asTexts(column, 'boolean', (text) => BOOLEANS.get(text.toLowerCase())),
};

const BOOLEANS = new Map([
  ['true', 'true'],
  ['false', 'false'],
  ['1', 'true'],
  ['0', 'false'],
]);

function asNumbers({ name, rows, numbers, counts }: Column, isRight: (value: number) => boolean): Column {
  const { integral, fractional, text, boolean, wrong } = counts;
  const fitted = { ...counts, text: 0, boolean: 0, wrong: wrong + text + boolean };
  if (!numbers) return { name, rows, counts: fitted };
  const right = numbers.map((value) => (isRight(value) ? value : Number.NaN));
  if (isRight !== Number.isInteger) return { name, rows, numbers: right, counts: fitted };
  fitted.integral = right.reduce((many, value) => (Number.isNaN(value) ? many : many + 1), 0);
  fitted.fractional = 0;
  fitted.wrong += integral + fractional - fitted.integral;
  return { name, rows, numbers: right, counts: fitted };
}

/** Numbers as JavaScript writes them; `of` gives undefined for what is wrong. */
function asTexts(column: Column, type: 'text' | 'boolean', of: (text: string) => string | undefined): Column {
  const { name, rows, numbers, codes, texts = [], counts } = column;
  const index = new Map<string, number>();
  const fitted = new Int32Array(rows).fill(-1);
  const { rounded, wrong } = counts;
  const found = { ...noCounts(), rounded, wrong };
  for (let row = 0; row < rows; row++) {
    const number = numbers?.[row] ?? Number.NaN;
    const written = texts[codes?.[row] ?? -1] ?? (Number.isNaN(number) ? undefined : String(number));
    if (written === undefined) continue;
    const text = of(written);
    if (text === undefined) {
      found.wrong++;
      continue;
    }
    const code = index.get(text) ?? index.size;
    index.set(text, code);
    fitted[row] = code;
    found[type]++;
  }
  return { name, rows, codes: fitted, texts: [...index.keys()], counts: found };
}
