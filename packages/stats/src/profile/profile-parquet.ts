import { fitColumn } from '../read/fit-types.ts';
import { eachPage, inChunk, numbersIn, readColumn, roundedIn } from '../read/parquet.ts';
import type { PageValues } from '../read/parquet/column-chunk.ts';
import { DamagedParquet } from '../read/parquet/damaged.ts';
import type { ParquetFile } from '../read/parquet/file.ts';
import type { Shape } from '../read/parquet/shape.ts';
import { countRows } from '../read/progress.ts';
import type { Progress } from '../read/progress.ts';
import type { GivenType } from '../read/schema.ts';
import { addCategory } from './categories.ts';
import { addCounted, addTexts } from './add-texts.ts';
import { addInfinite, addNumber, addNumbers } from './numbers.ts';
import { addColumn } from './profile.ts';
import type { ColumnProfile } from './profile.ts';

/**
 * Takes in one column of a row group, as the type that the profile's column is given.
 * @throws UserError naming file, column and row group
 */
export async function addGroup(
  into: ColumnProfile,
  file: ParquetFile,
  group: number,
  column: number,
  progress?: Progress,
): Promise<void> {
  const { given } = into;
  if (given === undefined || isStoredAs(given, file.shapes[column]!)) {
    await addChunk(into, file, group, column);
  } else {
    addColumn(into, fitColumn(await readColumn(file, group, column), given));
  }
  countRows(progress, file.groups[group]!.rows / file.shapes.length);
}

function isStoredAs(given: GivenType, { kind, integral }: Shape): boolean {
  if (kind !== 'number') return kind === given;
  return given === 'fractional' || (given === 'integer' && integral);
}

/** Page by page, without a table in between; dictionaries are counted by their entries. */
async function addChunk(
  into: ColumnProfile,
  file: ParquetFile,
  group: number,
  column: number,
): Promise<void> {
  const shape = file.shapes[column]!;
  const { rows } = file.groups[group]!;
  const pending: Pending = {
    counts: new Float64Array(0),
    numbers: new Float64Array(0),
    room: Math.min(GATHERED, rows),
    gathered: 0,
  };
  into.rows += rows;
  await inChunk(file, group, column, async () => {
    await eachPage(file, group, column, (values) => addPage(into, shape, values, pending));
    addGathered(into, shape, pending);
    if (pending.dictionary) addDictionary(into, shape, pending);
  });
}

/** What of a chunk has been read and not yet added. */
type Pending = {
  dictionary?: Extract<PageValues, { codes: Int32Array }>['dictionary'];
  /** How often each entry of the dictionary occurs. */
  counts: Float64Array;
  numbers: Float64Array;
  /** So many numbers may be gathered at most. */
  room: number;
  gathered: number;
};

/** Pages are small: of numbers, so many are added at once. */
const GATHERED = 1 << 17;

function gather(into: ColumnProfile, shape: Shape, numbers: Float64Array, pending: Pending): void {
  const { room } = pending;
  if (pending.gathered + numbers.length > room) addGathered(into, shape, pending);
  if (numbers.length > room / 2) {
    addNumbersOf(into, shape, numbers);
    return;
  }
  if (pending.numbers.length === 0) pending.numbers = new Float64Array(room);
  pending.numbers.set(numbers, pending.gathered);
  pending.gathered += numbers.length;
}

function addGathered(into: ColumnProfile, shape: Shape, pending: Pending): void {
  addNumbersOf(into, shape, pending.numbers.subarray(0, pending.gathered));
  pending.gathered = 0;
}

function addNumbersOf(into: ColumnProfile, shape: Shape, numbers: Float64Array): void {
  addTyped(into, shape, addNumbers(into.numbers, numbers));
  if (shape.integral) into.types.rounded += roundedIn(numbers);
}

/** Counting entries pays where each occurs several times. */
const WORTH_COUNTING = 4;

function addPage(into: ColumnProfile, shape: Shape, values: PageValues, pending: Pending): void {
  if ('codes' in values) {
    const { dictionary } = values;
    const isNumbers = 'numbers' in dictionary;
    const size = isNumbers ? dictionary.numbers.length : dictionary.texts.starts.length;
    if (!isNumbers || size * WORTH_COUNTING <= values.many) {
      if (pending.dictionary !== dictionary) {
        if (pending.dictionary) addDictionary(into, shape, pending);
        pending.dictionary = dictionary;
        pending.counts = new Float64Array(size);
      }
      for (const code of values.codes) pending.counts[code]!++;
      return;
    }
  }
  if (shape.kind === 'number') {
    gather(into, shape, numbersIn(values), pending);
  } else if ('texts' in values) {
    addTexts(into.texts, values.texts);
    into.types.text += values.many;
  } else if ('booleans' in values) {
    let yes = 0;
    for (let i = 0; i < values.many; i++) yes += values.booleans[i]!;
    if (yes > 0) addCategory(into.texts, 'true', yes);
    if (yes < values.many) addCategory(into.texts, 'false', values.many - yes);
    into.types.boolean += values.many;
  } else {
    throw new DamagedParquet('a page of texts holds something else');
  }
}

function addTyped(into: ColumnProfile, shape: Shape, many: number): void {
  into.types[shape.integral ? 'integral' : 'fractional'] += many;
}

function addDictionary(into: ColumnProfile, shape: Shape, { dictionary, counts }: Pending): void {
  if (!dictionary) return;
  if ('texts' in dictionary) {
    addCounted(into.texts, { many: counts.length, ...dictionary.texts, counts });
    into.types.text += counts.reduce((sum, count) => sum + count, 0);
    return;
  }
  counts.forEach((count, code) => {
    const value = dictionary.numbers[code]!;
    if (count === 0 || Number.isNaN(value)) return;
    if (Number.isFinite(value)) addNumber(into.numbers, value, count);
    else addInfinite(into.numbers, value, count);
    addTyped(into, shape, count);
    if (shape.integral && roundedIn(Float64Array.of(value)) > 0) into.types.rounded += count;
  });
}
