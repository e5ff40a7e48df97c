import { predictionRows } from '../read/capture-payload.ts';
import { openSource } from '../read/format.ts';
import { parseLine } from '../read/json-lines.ts';
import { eachLine, wholeLines } from '../read/lines.ts';
import { scanOpened } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import { nameOf } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { categoriesOf } from '../table.ts';
import { UserError } from '../user-error.ts';
import { eventIdOf } from './answers.ts';
import { idsOf, memberOf, numberOf } from './values.ts';

/** What turned out to be true of a request's instances. */
export type Truth = { id: string; labels: number[] };

export type LabelOptions = ReadOptions & {
  /** The columns of labels that are no ground-truth lines; "eventId" and "label" when absent. */
  id?: string | undefined;
  label?: string | undefined;
};

/**
 * Labels in pieces: Model Monitor's ground-truth lines, or rows with an id and a label (CSV, Parquet, JSON Lines).
 * @throws UserError with file and row for a label that is no number, or no boolean
 */
export async function* readLabels(source: Source, options: LabelOptions = {}): AsyncGenerator<Truth[]> {
  const { id = 'eventId', label = 'label' } = options;
  const opened = await openSource(source, options.format);
  const file = nameOf(source);
  if (opened.format === 'jsonl') {
    for await (const lines of wholeLines(opened.chunks, file)) {
      const truths: Truth[] = [];
      eachLine(lines, (from, to, line) => {
        truths.push(truthIn(parseLine(lines.bytes, from, to, file, line), id, label));
      });
      yield truths;
    }
    return;
  }
  let row = 0;
  const asked = { ...options, columns: [id, label], schema: { ...options.schema, [id]: 'text' } } as const;
  for await (const table of scanOpened(opened, source, asked)) {
    const labels = categoriesOf(table, label);
    const first = row;
    yield idsOf(table, id, file).map((each, i) => {
      row = first + i + 1;
      return { id: each, labels: [labelOf(labels[i], { file, row, column: label })] };
    });
  }
}

function truthIn(record: unknown, id: string, label: string): Truth {
  const data = memberOf(record, 'groundTruthData');
  if (data !== undefined) {
    const rows = predictionRows(data, undefined, 'groundTruthData');
    return { id: eventIdOf(record), labels: rows.map((row) => labelOf(row[0]?.[1])) };
  }
  const own = memberOf(record, id);
  if (typeof own !== 'string' && typeof own !== 'number') {
    throw new UserError(`has neither "groundTruthData" nor an id as "${id}"`);
  }
  return { id: String(own), labels: [labelOf(memberOf(record, label))] };
}

function labelOf(value: unknown, place = {}): number {
  const text = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  const found = Number.isNaN(text) ? numberOf(value) : text;
  if (Number.isFinite(found)) return found;
  throw new UserError(`has ${JSON.stringify(value) ?? 'nothing'} as its label; a number is needed`, place);
}
