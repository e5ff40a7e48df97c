import { compareMetric, estimateMetrics, evaluateMetrics, type Interval, type Paired } from '@tidegate/stats';
import { round, percent, count } from './figures.ts';
import type { Predictions } from './predictions.ts';
import { comparesWithLive, type GateRules, type Threshold } from './thresholds.ts';
import { verdictOf, type Finding, type Verdict } from './verdict.ts';

export type Difference = {
  /** candidate − baseline */
  value: number;
  low: number;
  high: number;
  /** How the interval was found. */
  method: 'delong' | 'bootstrap';
};

export type JudgedMetric = {
  metric: string;
  greaterIsBetter: boolean;
  candidate: number;
  /** How sure the candidate's value is: shown, not judged by. Null where the rows are too few to tell. */
  interval: Interval | null;
  /** Null where there is nothing to compare with. */
  baseline: number | null;
  difference: Difference | null;
  threshold: Threshold;
  verdict: Verdict;
};

/** Enough for an interval that nothing is judged by. */
export const SHOWN_RESAMPLES = 200;

/** One metric against its fixed threshold and, where there is a baseline, against the difference that is allowed. */
export function judgeMetric(
  metric: string,
  threshold: Threshold,
  candidate: Predictions,
  baseline: Predictions | undefined,
  rules: Pick<GateRules, 'confidence' | 'resamples' | 'seed'>,
): { metric: JudgedMetric; findings: Finding[] } {
  const { labels, scores } = candidate;
  const { confidence, seed } = rules;
  const own = estimateMetrics({ labels, scores }, [metric], { confidence, resamples: SHOWN_RESAMPLES, seed })[
    metric
  ];
  const theirs = baseline && evaluateMetrics(baseline, [metric])[metric];
  const greaterIsBetter = own?.greaterIsBetter ?? true;
  const value = own?.value ?? NaN;
  const findings: Finding[] = [];
  if (!Number.isFinite(value)) {
    findings.push({
      verdict: 'integrity-error',
      what: `${metric} is not defined on these ${count(labels.length)} rows`,
    });
  }
  if (value < (threshold.atLeast ?? -Infinity)) {
    findings.push({
      verdict: 'fail',
      what: `${metric} ${round(value)} is below the required ${threshold.atLeast}`,
    });
  }
  if (value > (threshold.atMost ?? Infinity)) {
    findings.push({
      verdict: 'fail',
      what: `${metric} ${round(value)} is above the allowed ${threshold.atMost}`,
    });
  }
  let difference: Difference | null = null;
  if (baseline && Number.isFinite(value)) {
    const rows = { labels, candidate: scores, baseline: baseline.scores };
    difference = comparesWithLive(threshold) ? differenceOf(rows, metric, rules) : null;
    if (difference)
      findings.push(
        ...judgeDifference(metric, threshold, value, theirs?.value ?? NaN, difference, {
          rows: labels.length,
          confidence: rules.confidence,
        }),
      );
  }
  return {
    metric: {
      metric,
      greaterIsBetter,
      candidate: value,
      interval: own === undefined || own.method === 'none' ? null : shownInterval(own),
      baseline: theirs?.value ?? null,
      difference,
      threshold,
      verdict: verdictOf(findings),
    },
    findings,
  };
}

function differenceOf(
  rows: Paired,
  metric: string,
  { confidence, resamples, seed }: Pick<GateRules, 'confidence' | 'resamples' | 'seed'>,
): Difference {
  const {
    difference: value,
    low,
    high,
    method,
  } = compareMetric(rows, metric, { confidence, resamples, seed });
  return { value, low, high, method };
}

function shownInterval({ low, high, method }: Interval): Interval {
  return { low, high, method };
}

/** Three answers, as a confidence interval has: surely not worse than allowed, surely worse, or not to be told from these rows. */
function judgeDifference(
  metric: string,
  threshold: Threshold,
  own: number,
  theirs: number,
  difference: Difference,
  { rows, confidence }: { rows: number; confidence: number },
): Finding[] {
  const findings: Finding[] = [];
  const against = (
    side: 'below' | 'above',
    allowed: number,
    worse: { point: number; least: number; most: number },
  ) => {
    // Not `least > allowed` alone: NaN must not pass.
    if (worse.most <= allowed) return;
    const what =
      `${metric} ${round(own)} is ${worse.point >= 0 ? `${side} the live model’s ${round(theirs)} by ${round(worse.point)}` : `not ${side} the live model’s ${round(theirs)}`} ` +
      `(allowed: ${allowed}; ${percent(confidence)} interval of the difference ${round(difference.low)} … ${round(difference.high)}, ${count(rows)} rows)`;
    if (worse.least > allowed) findings.push({ verdict: 'fail', what });
    else findings.push({ verdict: 'inconclusive', what: `${what}: not to be told from these rows` });
  };
  const { value, low, high } = difference;
  if (threshold.notBelowLiveBy !== undefined) {
    against('below', threshold.notBelowLiveBy, { point: -value, least: -high, most: -low });
  }
  if (threshold.notAboveLiveBy !== undefined) {
    against('above', threshold.notAboveLiveBy, { point: value, least: low, most: high });
  }
  return findings;
}
