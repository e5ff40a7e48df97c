import { eachPage, numbersIn, roundedIn } from '../read/parquet.ts';
import type { PageValues } from '../read/parquet/column-chunk.ts';
import { DamagedParquet } from '../read/parquet/damaged.ts';
import type { ParquetFile } from '../read/parquet/file.ts';
import type { Shape } from '../read/parquet/shape.ts';
import { addCategory } from './categories.ts';
import { addCounted, addTexts } from './add-texts.ts';
import { addInfinite, addNumber, addNumbers } from './numbers.ts';
import type { ColumnProfile } from './profile.ts';

/**
 * Takes in one column of a row group as its pages come, without a table in between; dictionaries are counted by their entries.
 * @throws UserError naming file, column and row group
 */
export async function addChunk(
  into: ColumnProfile,
  file: ParquetFile,
  group: number,
  column: number,
): Promise<void> {
  const shape = file.shapes[column]!;
  const codes: Codes = { counts: new Float64Array(0) };
  into.rows += file.groups[group]!.rows;
  await eachPage(file, group, column, (values) => addPage(into, shape, values, codes));
  if (codes.dictionary) addDictionary(into, shape, codes);
}

type Codes = { dictionary?: Extract<PageValues, { codes: Int32Array }>['dictionary']; counts: Float64Array };

/** Counting entries pays where each occurs several times. */
const WORTH_COUNTING = 4;

function addPage(into: ColumnProfile, shape: Shape, values: PageValues, codes: Codes): void {
  if ('codes' in values) {
    const { dictionary } = values;
    const isNumbers = 'numbers' in dictionary;
    const size = isNumbers ? dictionary.numbers.length : dictionary.texts.starts.length;
    if (!isNumbers || size * WORTH_COUNTING <= values.many) {
      if (codes.dictionary !== dictionary) {
        if (codes.dictionary) addDictionary(into, shape, codes);
        codes.dictionary = dictionary;
        codes.counts = new Float64Array(size);
      }
      for (let i = 0; i < values.codes.length; i++) codes.counts[values.codes[i]!]!++;
      return;
    }
  }
  if (shape.kind === 'number') {
    const numbers = numbersIn(values);
    addTyped(into, shape, addNumbers(into.numbers, numbers));
    if (shape.integral) into.types.rounded += roundedIn(numbers);
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

function addDictionary(into: ColumnProfile, shape: Shape, { dictionary, counts }: Codes): void {
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
