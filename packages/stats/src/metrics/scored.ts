import { UserError } from '../user-error.ts';

/** Rows with what is true and what a model says of each; all of the same length. */
export type Scored = {
  /** 0 or 1 for classes, any number for regression. */
  labels: Float64Array;
  /** Probabilities of 1, or predicted numbers. */
  scores: Float64Array;
  /** How much each row counts; 1 when absent. */
  weights?: Float64Array | undefined;
};

/** A metric of rows that have been looked at once (sorted, say), for any weights of theirs. NaN where it is not defined. */
export type Evaluator = (weights: ArrayLike<number>) => number;

/** @throws UserError for lengths that differ, no rows, or a value that is not finite */
export function checkScored({ labels, scores, weights }: Scored): void {
  if (labels.length === 0) throw new UserError('there are no rows to evaluate');
  for (const [name, values] of Object.entries({ scores, weights })) {
    if (values && values.length !== labels.length) {
      throw new UserError(`there are ${labels.length} labels but ${values.length} ${name}`);
    }
  }
  for (const [name, values] of Object.entries({ labels, scores, weights })) {
    const at =
      values?.findIndex((value) => !Number.isFinite(value) || (name === 'weights' && value < 0)) ?? -1;
    if (at >= 0) throw new UserError(`${name} hold ${String(values![at])}`, { row: at + 1 });
  }
}

/** @throws UserError naming the first row that is neither 0 nor 1 */
export function checkBinary(labels: Float64Array): void {
  const at = labels.findIndex((label) => label !== 0 && label !== 1);
  if (at >= 0) throw new UserError(`the label is ${labels[at]!}; 0 or 1 is needed`, { row: at + 1 });
}

/** @throws UserError naming the first row outside [0, 1] */
export function checkProbabilities(scores: Float64Array): void {
  const at = scores.findIndex((score) => score < 0 || score > 1);
  if (at >= 0)
    throw new UserError(`the prediction is ${scores[at]!}; a probability is needed`, { row: at + 1 });
}

export function unitWeights(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}
