import { UserError } from '../user-error.ts';

/**
 * What a sequential test says so far. The e-values are nonnegative supermartingales under their hypotheses, so by Ville's
 * inequality the chance that one ever reaches 1/α, however often one looks, is at most α.
 */
export type Evidence = {
  decision: Decision;
  /** Against "it is fine": at 1/α or more it is rejected. */
  worse: number;
  /** Against "it is worse by what matters": at 1/β or more it is accepted. */
  fine: number;
};

export type Decision = 'reject' | 'accept' | 'continue';

/** Bad news first: what is both is rejected. */
export function decide(worse: number, fine: number, alpha: number, beta: number): Evidence {
  const rejected = worse >= 1 / alpha;
  const accepted = fine >= 1 / beta;
  return { decision: rejected ? 'reject' : accepted ? 'accept' : 'continue', worse, fine };
}

/**
 * One decision over several metrics of the same requests. The mean of e-values is an e-value however they depend on each other
 * (Vovk and Wang 2021); all have to be fine for an acceptance.
 */
export function combineEvidence(
  parts: readonly Evidence[],
  { alpha = 0.05, beta = 0.05 }: { alpha?: number; beta?: number } = {},
): Evidence {
  if (parts.length === 0) throw new UserError('there is no evidence to combine');
  const worse = parts.reduce((sum, part) => sum + part.worse, 0) / parts.length;
  return decide(worse, Math.min(...parts.map((part) => part.fine)), alpha, beta);
}

/** ln Σ exp(xᵢ), without overflow. */
export function logSumExp(values: readonly number[]): number {
  const top = Math.max(...values);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

/** @throws UserError unless it lies strictly between 0 and 1 */
export function checkShare(name: string, value: number): void {
  if (!(value > 0 && value < 1))
    throw new UserError(`${name} is ${value}; a number between 0 and 1 is needed`);
}
