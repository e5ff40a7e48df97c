/** What has been read so far, counted by all threads together and looked at while they work. */
export type Progress = BigInt64Array<SharedArrayBuffer>;

const BYTES = 0;
const ROWS = 1;
/** Of Parquet a row is read a column at a time: parts of rows are counted in these. */
const PARTS = 1000;

export function newProgress(): Progress {
  return new BigInt64Array(new SharedArrayBuffer(16));
}

export function progressOf(progress: Progress): { bytes: number; rows: number } {
  return {
    bytes: Number(Atomics.load(progress, BYTES)),
    rows: Math.round(Number(Atomics.load(progress, ROWS)) / PARTS),
  };
}

export function countBytes(progress: Progress | undefined, bytes: number): void {
  if (progress) Atomics.add(progress, BYTES, BigInt(bytes));
}

export function countRows(progress: Progress | undefined, rows: number): void {
  if (progress) Atomics.add(progress, ROWS, BigInt(Math.round(rows * PARTS)));
}
