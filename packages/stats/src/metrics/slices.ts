import { UserError } from '../user-error.ts';
import { estimateMetrics } from '../intervals/estimate.ts';
import type { Estimate, EstimateOptions } from '../intervals/estimate.ts';
import type { Scored } from './scored.ts';

export type Slice<Name extends string = string> = {
  /** The value that these rows share; undefined where it is missing. */
  slice: string | undefined;
  samples: number;
  metrics: Record<Name, Estimate>;
};

/**
 * The metrics of each group of rows that share a value, with their intervals, largest first.
 * @param minSamples smaller groups are left out; 1 when absent
 */
export function bySlice<Name extends string>(
  rows: Scored,
  values: readonly (string | undefined)[],
  names: readonly Name[],
  options: EstimateOptions & { minSamples?: number | undefined } = {},
): Slice<Name>[] {
  return rowsBySlice(values, rows.labels.length)
    .filter(({ indices }) => indices.length >= (options.minSamples ?? 1))
    .map(({ slice, indices }) => ({
      slice,
      samples: indices.length,
      metrics: estimateMetrics(rowsAt(rows, indices), names, options),
    }));
}

/** The row numbers (from 0) of each value, largest group first. @throws UserError when there is not a value a row */
export function rowsBySlice(
  values: readonly (string | undefined)[],
  rows: number,
): { slice: string | undefined; indices: number[] }[] {
  if (values.length !== rows) throw new UserError(`there are ${rows} rows but ${values.length} slice values`);
  const groups = new Map<string | undefined, number[]>();
  values.forEach((value, row) => {
    const group = groups.get(value);
    if (group) group.push(row);
    else groups.set(value, [row]);
  });
  return [...groups]
    .map(([slice, indices]) => ({ slice, indices }))
    .sort((a, b) => b.indices.length - a.indices.length);
}

export function rowsAt({ labels, scores, weights }: Scored, indices: readonly number[]): Scored {
  const pick = (values: Float64Array): Float64Array => Float64Array.from(indices, (row) => values[row]!);
  return { labels: pick(labels), scores: pick(scores), weights: weights && pick(weights) };
}
