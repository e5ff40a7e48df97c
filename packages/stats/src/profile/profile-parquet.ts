import { beginCounting, currentCounting, extendCounting, settleCounts } from '../kernels/count-table.ts';
import { COUNT_ENTRIES, kernels, wordsAt } from '../kernels/kernels.ts';
import { fitColumn } from '../read/fit-types.ts';
import { eachPage, inChunk, numbersIn, readColumn, roundedIn } from '../read/parquet.ts';
import type { Dictionary, PageValues } from '../read/parquet/column-chunk.ts';
import { DamagedParquet } from '../read/parquet/damaged.ts';
import type { ParquetFile } from '../read/parquet/file.ts';
import type { Shape } from '../read/parquet/shape.ts';
import type { GivenType } from '../read/schema.ts';
import { addCategory } from './categories.ts';
import { addPlainTexts } from './add-plain-texts.ts';
import { addCounted, addTexts } from './add-texts.ts';
import { addInfinite, addNumber, addRun } from './numbers.ts';
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
): Promise<void> {
  const { given } = into;
  if (given === undefined || isStoredAs(given, file.shapes[column]!)) {
    await inChunk(file, group, column, () => addChunk(into, file, group, column));
  } else {
    addColumn(into, fitColumn(await readColumn(file, group, column), given));
  }
}

function isStoredAs(given: GivenType, { kind, integral }: Shape): boolean {
  if (kind !== 'number') return kind === given;
  return given === 'fractional' || (given === 'integer' && integral);
}

/** Page by page as they come, without a table in between; dictionaries are counted by their entries. */
async function addChunk(
  into: ColumnProfile,
  file: ParquetFile,
  group: number,
  column: number,
): Promise<void> {
  const shape = file.shapes[column]!;
  const counted: CountedDictionary[] = [];
  into.rows += file.groups[group]!.rows;
  await eachPage(file, group, column, (values) => addPage(into, shape, values, counted));
  settleCounts();
  for (const each of counted) addDictionary(into, shape, each);
}

/** A dictionary, and how often each of its entries occurs. */
type CountedDictionary = { dictionary: Dictionary; counts: Uint32Array };

function addNumbersOf(into: ColumnProfile, shape: Shape, numbers: Float64Array): void {
  if (shape.integral) into.types.rounded += roundedIn(numbers);
  addTyped(into, shape, addRun(into.numbers, numbers));
}

/** Counting entries pays where each occurs several times. */
const WORTH_COUNTING = 4;

function addPage(into: ColumnProfile, shape: Shape, values: PageValues, counted: CountedDictionary[]): void {
  if ('codesAt' in values) {
    const { dictionary, many } = values;
    const isNumbers = 'numbers' in dictionary;
    const size = isNumbers ? dictionary.numbers.length : dictionary.texts.starts.length;
    if (!isNumbers || size * WORTH_COUNTING <= many) {
      let known = counted.find((each) => each.dictionary === dictionary);
      if (!known) counted.push((known = { dictionary, counts: new Uint32Array(size) }));
      countCodes(known.counts, values.codesAt, many);
      return;
    }
  }
  if (shape.kind === 'number') {
    addNumbersOf(into, shape, numbersIn(values));
  } else if ('plain' in values) {
    addPlainTexts(into.texts, values.plain, values.many);
    into.types.text += values.many;
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

function countCodes(counts: Uint32Array, codesAt: number, many: number): void {
  if (counts.length > COUNT_ENTRIES) {
    for (const code of wordsAt(codesAt, many)) counts[code]!++;
    return;
  }
  const current = currentCounting();
  const counting =
    current?.of === counts
      ? current
      : beginCounting({
          of: counts,
          from: COUNT_ENTRIES,
          to: 0,
          take(entries) {
            for (let i = 0; i < entries.length; i += 2) counts[entries[i]!]! += entries[i + 1]!;
          },
        });
  kernels().countIndices(codesAt, many);
  extendCounting(counting, 0, counts.length - 1);
}

function addTyped(into: ColumnProfile, shape: Shape, many: number): void {
  into.types[shape.integral ? 'integral' : 'fractional'] += many;
}

function addDictionary(into: ColumnProfile, shape: Shape, { dictionary, counts }: CountedDictionary): void {
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
