import { count } from './figures.ts';
import { type JudgedMetric, judgeMetric } from './judge-metric.ts';
import { judgeSlices, type JudgedSlice } from './judge-slices.ts';
import type { Predictions } from './predictions.ts';
import type { GateRules } from './thresholds.ts';
import { verdictOf, type Finding, type Verdict } from './verdict.ts';

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
