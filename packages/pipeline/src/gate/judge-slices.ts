import { rowsBySlice } from '@tidegate/stats';
import { count } from './figures.ts';
import { judgeMetric, type JudgedMetric } from './judge-metric.ts';
import type { Predictions } from './predictions.ts';
import type { GateRules, SliceThresholds } from './thresholds.ts';
import { verdictOf, type Finding, type Verdict } from './verdict.ts';

export type JudgedSlice = {
  by: string;
  /** Null: the rows that have no value. */
  value: string | null;
  rows: number;
  /** False where there are too few rows: shown only. */
  judged: boolean;
  metrics: JudgedMetric[];
  verdict: Verdict;
};

/** Every value of every slice column on its own, largest first. */
export function judgeSlices(
  candidate: Predictions,
  baseline: Predictions | undefined,
  rules: SliceThresholds,
  gate: GateRules,
): { slices: JudgedSlice[]; findings: Finding[] } {
  const slices: JudgedSlice[] = [];
  const findings: Finding[] = [];
  for (const by of rules.by) {
    for (const { slice, indices } of rowsBySlice(candidate.slices[by] ?? [], candidate.rows)) {
      const judged = indices.length >= rules.minSamples;
      const mine = part(candidate, indices);
      const theirs = baseline ? part(baseline, indices) : undefined;
      const results = Object.entries(rules.thresholds).map(([metric, threshold]) =>
        judgeMetric(metric, judged ? threshold : {}, mine, theirs, gate),
      );
      const found = judged ? results.flatMap((result) => result.findings) : [];
      slices.push({
        by,
        value: slice ?? null,
        rows: indices.length,
        judged,
        metrics: results.map(({ metric }) => metric),
        verdict: verdictOf(found),
      });
      findings.push(
        ...found.map((finding) => ({ ...finding, what: `${by} ${slice ?? '(none)'}: ${finding.what}` })),
      );
    }
  }
  if (!slices.some(({ judged }) => judged)) {
    findings.push({
      verdict: 'inconclusive',
      what: `no slice by ${rules.by.join(', ')} has the ${count(rules.minSamples)} rows it is judged on`,
    });
  }
  return { slices, findings };
}

function part(of: Predictions, indices: readonly number[]): Predictions {
  const pick = (values: Float64Array) => Float64Array.from(indices, (row) => values[row] ?? NaN);
  return { rows: indices.length, labels: pick(of.labels), scores: pick(of.scores), slices: {} };
}
