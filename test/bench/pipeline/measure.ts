/** What was measured, beside what it is held against. Figures are medians unless the row says otherwise. */
export type Row = {
  what: string;
  ours: string;
  /** What it is compared with, and that one's figure on the same machine in the same run. */
  peers: { what: string; figure: string }[];
  goal?: string;
  met?: boolean;
};

/** A table of rows, and what a reader must know to judge them. */
export type Section = { title: string; how: string; rows: Row[]; missed?: string };

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** `41 ms (38 … 55, 7 times)`: the median, then what the fastest and the slowest took. */
export function spread(milliseconds: readonly number[]): string {
  const [low, high] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return `${inWords(median(milliseconds))} (${inWords(low)} … ${inWords(high)}, ${milliseconds.length} times)`;
}

export function inWords(milliseconds: number): string {
  return milliseconds < 10_000
    ? `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}
