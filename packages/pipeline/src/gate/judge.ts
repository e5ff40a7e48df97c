import { compare, compareAuc, evaluateMetrics } from '@tidegate/stats';
import { judgeSlices, type JudgedSlice } from './judge-slices.ts';
import type { Predictions } from './predictions.ts';
import { comparesWithLive, type SliceThresholds, type Threshold, type Thresholds } from './thresholds.ts';
import { verdictOf, type Finding, type Verdict } from './verdict.ts';

export type GateRules = {
  thresholds: Thresholds;
  slices: SliceThresholds | undefined;
  minSamples: number;
  /** Of the interval around a difference: 0.95. */
  confidence: number;
  resamples: number;
  seed: number;
  /** Lets a candidate pass that predicts exactly as its baseline does. */
  acceptIdentical: boolean;
};

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
  /** Null where there is nothing to compare with. */
  baseline: number | null;
  difference: Difference | null;
  threshold: Threshold;
  verdict: Verdict;
};

export type Judgement = {
  verdict: Verdict;
  findings: Finding[];
  rows: number;
  metrics: JudgedMetric[];
  slices: JudgedSlice[];
};

/** How the candidate stands to what it is compared with. `same-model`: nothing was trained, the live model itself is judged. */
export type Relation = 'no-baseline' | 'same-model' | 'another-model';

/** Pure: the same predictions and rules give the same judgement. Nothing a model says about itself counts here. */
export function judge(
  candidate: Predictions,
  baseline: Predictions | undefined,
  relation: Relation,
  rules: GateRules,
): Judgement {
  const findings = integrity(candidate, baseline, relation, rules);
  if (candidate.rows === 0)
    return { verdict: verdictOf(findings), findings, rows: 0, metrics: [], slices: [] };
  if (candidate.rows < rules.minSamples) {
    findings.push({
      verdict: 'inconclusive',
      what: `${count(candidate.rows)} rows are too few to decide on (at least ${count(rules.minSamples)})`,
    });
  }
  const comparable = findings.some(({ verdict }) => verdict === 'integrity-error') ? undefined : baseline;
  const metrics = Object.entries(rules.thresholds).map(([metric, threshold]) => {
    const judged = judgeMetric(metric, threshold, candidate, comparable, rules);
    findings.push(...judged.findings);
    return judged.metric;
  });
  const slices = rules.slices
    ? judgeSlices(candidate, comparable, rules.slices, rules)
    : { slices: [], findings: [] };
  findings.push(...slices.findings);
  return { verdict: verdictOf(findings), findings, rows: candidate.rows, metrics, slices: slices.slices };
}

function integrity(
  candidate: Predictions,
  baseline: Predictions | undefined,
  relation: Relation,
  rules: GateRules,
): Finding[] {
  const findings: Finding[] = [];
  const error = (what: string) => findings.push({ verdict: 'integrity-error', what });
  if (candidate.rows === 0) error('no rows were predicted');
  else if (candidate.rows > 1 && candidate.scores.every((score) => score === candidate.scores[0])) {
    error(`the candidate predicts ${candidate.scores[0]} on every row`);
  }
  if (!baseline) return findings;
  if (baseline.rows !== candidate.rows) {
    error(`the candidate was asked ${count(candidate.rows)} rows, the baseline ${count(baseline.rows)}`);
    return findings;
  }
  const differing = candidate.labels.findIndex((label, row) => label !== baseline.labels[row]);
  if (differing >= 0) {
    error(
      `the labels of candidate and baseline differ from row ${differing + 1} on: they were not asked the same rows`,
    );
  }
  const same = candidate.scores.every((score, row) => score === baseline.scores[row]);
  if (same && relation === 'another-model' && !rules.acceptIdentical) {
    error(
      `the candidate predicts exactly as its baseline on all ${count(candidate.rows)} rows: either nothing was learnt anew, ` +
        'or the evaluation does not read the model it is given (TIDEGATE_MODEL_DIR)',
    );
  }
  return findings;
}

/** One metric against its fixed threshold and, where there is a baseline, against the difference that is allowed. */
export function judgeMetric(
  metric: string,
  threshold: Threshold,
  candidate: Predictions,
  baseline: Predictions | undefined,
  rules: Pick<GateRules, 'confidence' | 'resamples' | 'seed'>,
): { metric: JudgedMetric; findings: Finding[] } {
  const { labels, scores } = candidate;
  const of = (rows: Predictions) =>
    evaluateMetrics({ labels: rows.labels, scores: rows.scores }, [metric])[metric];
  const [own, theirs] = [of(candidate), baseline ? of(baseline) : undefined];
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
    difference = comparesWithLive(threshold) ? interval(metric, rows, rules) : null;
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
      baseline: theirs?.value ?? null,
      difference,
      threshold,
      verdict: verdictOf(findings),
    },
    findings,
  };
}

/** DeLong's interval where it applies: exact enough at any size, and a thousand times cheaper than resampling. */
function interval(
  metric: string,
  rows: { labels: Float64Array; candidate: Float64Array; baseline: Float64Array },
  { confidence, resamples, seed }: Pick<GateRules, 'confidence' | 'resamples' | 'seed'>,
): Difference {
  if (metric === 'roc-auc') {
    const ones = rows.labels.reduce((sum, label) => sum + label, 0);
    if (ones >= 2 && rows.labels.length - ones >= 2) {
      const { difference, low, high } = compareAuc(rows, { confidence });
      return { value: difference, low, high, method: 'delong' };
    }
  }
  const { difference, low, high } = compare(rows, metric, { confidence, resamples, seed });
  return { value: difference, low, high, method: 'bootstrap' };
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

export function round(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 1 : 3;
  const text = value.toFixed(digits).replace('-', '−');
  return Number(value.toFixed(digits)) === 0 ? (0).toFixed(digits) : text;
}

/** `95 %` of 0.95. */
export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
