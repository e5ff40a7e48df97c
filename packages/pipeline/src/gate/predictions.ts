import { objects, parseS3Uri, UserError, type Aws } from '@tidegate/aws';
import { categoriesOf, numbersOf, readCsvTable } from '@tidegate/stats';

/** What a model says of the rows it was asked, and what is true of them. All of the same length. */
export type Predictions = {
  rows: number;
  labels: Float64Array;
  scores: Float64Array;
  /** Slice column → its value on each row; undefined where it is missing. */
  slices: Record<string, (string | undefined)[]>;
};

const MOST_BYTES = 512 << 20;
const NEWLINE = 10;

export type PredictionsFormat = { label: string; sliceBy: readonly string[] };

/**
 * Reads a `predictions.csv`: columns `prediction`, the label, and what slices are made by.
 * @throws UserError naming file, row and column when it is missing, cut off, ragged, or holds what is not a finite number
 */
export async function readPredictions(
  aws: Aws,
  uri: string,
  format: PredictionsFormat,
): Promise<Predictions> {
  return parsePredictions(await objects(aws).read(uri, MOST_BYTES), parseS3Uri(uri).key, format);
}

/** @param name for messages */
export async function parsePredictions(
  bytes: Buffer,
  name: string,
  format: PredictionsFormat,
): Promise<Predictions> {
  if (bytes.at(-1) !== NEWLINE)
    throw new UserError(`${name} does not end with a line break: it was cut off.`);
  const table = await readCsvTable(bytes, { file: name });
  const labels = numbersOf(table, format.label);
  return {
    rows: table.rows,
    labels,
    scores: numbersOf(table, 'prediction'),
    slices: Object.fromEntries(format.sliceBy.map((column) => [column, categoriesOf(table, column)])),
  };
}
