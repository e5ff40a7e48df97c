/**
 * Whether a candidate may go on. The worst finding decides, in this order:
 *
 * | finding | verdict |
 * |---|---|
 * | predictions missing, cut off, ragged, not numbers; a column missing; every prediction the same | `integrity-error` |
 * | a metric that is not defined on these rows (NaN, infinite) | `integrity-error` |
 * | candidate and baseline were not asked the same rows, or their labels differ | `integrity-error` |
 * | another job's model that is the baseline's, byte for byte, or predicts exactly as it does on every row | `integrity-error` |
 * | the baseline is there but cannot be evaluated | `integrity-error` |
 * | a metric beyond a fixed threshold, or worse than live by more than allowed, the whole interval of the difference | `fail` |
 * | too few rows; no slice with enough rows; the interval of a difference lies across what is allowed | `inconclusive` |
 * | a baseline was asked for by name (`main`, `release`) and there is none | `inconclusive` |
 * | none of these | `pass` |
 *
 * There is one pass with nothing to compare: no live model yet. Fixed thresholds decide then, and the report says so.
 * The very model that is live (the same training job, because nothing that goes into training changed) is judged by them too.
 */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'integrity-error';

export type Finding = { verdict: Exclude<Verdict, 'pass'>; what: string };

const WORST_FIRST = ['integrity-error', 'fail', 'inconclusive'] as const;

export function verdictOf(findings: readonly Finding[]): Verdict {
  return WORST_FIRST.find((verdict) => findings.some((finding) => finding.verdict === verdict)) ?? 'pass';
}

/** The findings that a reader should see first. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return WORST_FIRST.flatMap((verdict) => findings.filter((finding) => finding.verdict === verdict));
}
