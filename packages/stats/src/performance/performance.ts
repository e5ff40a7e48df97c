import { estimateMetrics } from '../intervals/estimate.ts';
import type { Estimate, EstimateOptions } from '../intervals/estimate.ts';
import { normalQuantile } from '../math/normal.ts';
import { metricOf } from '../metrics/metrics.ts';
import type { MetricName } from '../metrics/metrics.ts';
import type { Scored } from '../metrics/scored.ts';
import type { ReportedMetric } from '../monitor-files/model-quality.ts';
import { UserError } from '../user-error.ts';
import type { Joined } from './join-labels.ts';
import type { Known, MetricDrift, PerformanceReport, PerformanceVerdict } from './performance-report.ts';

export type PerformanceSettings = EstimateOptions & {
  /**
   * The metrics to judge, and how much worse than the baseline each may become, in its own unit; a fiftieth and a twentieth of the
   * baseline's value when absent. roc-auc and log-loss, or mae and rmse, when there are none.
   */
  metrics?: Readonly<Record<string, { warn?: number | undefined; fail?: number | undefined }>> | undefined;
  /** Fewer labelled rows than this decide nothing; 1000 when absent. */
  minSamples?: number | undefined;
};

/** What the evaluation said: the rows it was made of, or only its metrics. */
export type EvaluationBaseline = { rows: Scored } | { metrics: ReadonlyMap<MetricName, ReportedMetric> };

/**
 * Whether a model has become worse than its evaluation said. A metric fails (or is a warning) when it is worse by its limit and the interval
 * of the difference excludes chance; it passes when that interval excludes the limit; what is neither is inconclusive.
 * The interval is made of both values' own (MOVER, Zou and Donner 2008).
 * @throws UserError for settings that cannot be meant, and for metrics that the baseline does not have
 */
export function performanceDrift(
  { labels, scores, counts }: Joined,
  baseline: EvaluationBaseline,
  settings: PerformanceSettings = {},
): PerformanceReport {
  const { minSamples = 1000, confidence = 0.95, ...options } = settings;
  if (!(Number.isFinite(minSamples) && minSamples >= 0)) {
    throw new UserError(`minSamples is ${minSamples}; a count is needed`);
  }
  const names = metricsToJudge(settings, baseline);
  const each = { ...options, confidence: 1 - (1 - confidence) / names.length };
  const before = baselineOf(baseline, names, each);
  const now = labels.length === 0 ? undefined : estimateMetrics({ labels, scores }, names, each);
  const metrics = names.map((name) => {
    const measured = measure(name, before[name]!, now?.[name], settings.metrics?.[name] ?? {});
    return { ...measured, ...judge(measured, labels.length, minSamples) };
  });
  const order = ['fail', 'warn', 'inconclusive'] as const;
  return {
    verdict: order.find((verdict) => metrics.some((metric) => metric.verdict === verdict)) ?? 'pass',
    rows: { baseline: 'rows' in baseline ? baseline.rows.labels.length : null, current: labels.length },
    confidence,
    labels: counts,
    metrics,
  };
}

function metricsToJudge({ metrics }: PerformanceSettings, baseline: EvaluationBaseline): string[] {
  const asked = Object.keys(metrics ?? {});
  for (const name of asked) metricOf(name);
  if ('rows' in baseline) {
    if (asked.length > 0) return asked;
    const { labels, scores } = baseline.rows;
    if (!labels.every((label) => label === 0 || label === 1)) return ['mae', 'rmse'];
    return scores.every((score) => score >= 0 && score <= 1) ? ['roc-auc', 'log-loss'] : ['roc-auc'];
  }
  const known = [...baseline.metrics.keys()];
  const usual = known.filter((name) => ['roc-auc', 'log-loss', 'mae', 'rmse'].includes(name));
  const names = asked.length > 0 ? asked : usual.length > 0 ? usual : known;
  const missing = names.filter((name) => !known.some((each) => each === name));
  if (missing.length === 0) return names;
  throw new UserError(`the baseline has no ${missing.join(', ')}; it has ${known.join(', ')}`);
}

function baselineOf(
  baseline: EvaluationBaseline,
  names: readonly string[],
  options: EstimateOptions & { confidence: number },
): Record<string, Known> {
  if ('rows' in baseline) return estimateMetrics(baseline.rows, names, options);
  const z = -normalQuantile((1 - options.confidence) / 2);
  return Object.fromEntries(
    names.map((name) => {
      const { value, deviation } = baseline.metrics.get(name as MetricName)!;
      const reach = Number.isNaN(deviation) ? 0 : z * deviation;
      return [name, { value, low: value - reach, high: value + reach }];
    }),
  );
}

function measure(
  metric: string,
  baseline: Known,
  estimate: Estimate | undefined,
  limits: { warn?: number | undefined; fail?: number | undefined },
): Omit<MetricDrift, 'verdict' | 'reason'> {
  const { greaterIsBetter } = metricOf(metric);
  const current = known(estimate ?? { value: Number.NaN, low: Number.NaN, high: Number.NaN });
  const warn = limits.warn ?? Math.min(Math.abs(baseline.value) / 50, limits.fail ?? Infinity);
  const fail = limits.fail ?? Math.max(Math.abs(baseline.value) / 20, warn);
  if (!(warn >= 0 && warn <= fail && fail < Infinity)) {
    throw new UserError(`limits of ${metric} are warn ${warn} and fail ${fail}; 0 ≤ warn ≤ fail is needed`);
  }
  const worse = greaterIsBetter ? difference(baseline, current) : difference(current, baseline);
  return { metric, greaterIsBetter, baseline: known(baseline), current, worse, warn, fail };
}

function known({ value, low, high }: Known): Known {
  return { value, low, high };
}

/** The interval of a − b from those of both: the method of variance estimates recovery (Zou and Donner 2008). */
function difference(a: Known, b: Known): Known {
  return {
    value: a.value - b.value,
    low: a.value - b.value - Math.hypot(a.value - a.low, b.high - b.value),
    high: a.value - b.value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}

function judge(
  { metric, baseline, current, worse, warn, fail }: Omit<MetricDrift, 'verdict' | 'reason'>,
  rows: number,
  minSamples: number,
): { verdict: PerformanceVerdict; reason: string } {
  const inconclusive = (reason: string) => ({ verdict: 'inconclusive' as const, reason });
  if (rows < minSamples) return inconclusive(`${rows} labelled rows, ${minSamples} are needed`);
  const change = worse.value > 0 ? `${short(worse.value)} worse than` : `not worse than`;
  const said = `${metric} ${short(current.value)} is ${change} the baseline's ${short(baseline.value)}`;
  if (Number.isNaN(worse.low) || Number.isNaN(worse.high)) {
    return inconclusive(`the rows do not bear an interval of ${metric}`);
  }
  const isReal = worse.low > 0;
  if (isReal && worse.value >= fail) return { verdict: 'fail', reason: `${said}, ${short(fail)} is allowed` };
  if (isReal && worse.value >= warn)
    return { verdict: 'warn', reason: `${said}, from ${short(warn)} on it is told` };
  if (worse.high < fail) return { verdict: 'pass', reason: said };
  return inconclusive(`${said}, but may be so by up to ${short(worse.high)}: too few rows to tell`);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
