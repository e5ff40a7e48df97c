import type { Interval } from '@tidegate/stats';
import { formatUsd } from '../cost.ts';
import { count, percent, round } from './figures.ts';
import type { GateReport } from './gate-report.ts';
import type { JudgedMetric } from './judge-metric.ts';
import type { JudgedSlice } from './judge-slices.ts';
import { describeThreshold } from './thresholds.ts';
import type { Verdict } from './verdict.ts';

const HEADS: Record<Verdict, string> = {
  pass: '✅ %: good enough for production',
  fail: '❌ %: not good enough for production',
  inconclusive: '⚠️ %: cannot be told from these rows',
  'integrity-error': '⛔ %: the evaluation cannot be trusted',
};
const MARKS: Record<Verdict, string> = {
  pass: '✅',
  fail: '❌',
  inconclusive: '⚠️',
  'integrity-error': '⛔',
};

/** The verdict's sentence, without markup: for the check run's title and the step's error. */
export function headline(report: GateReport): string {
  const [reason] = report.findings;
  if (reason) return sentence(reason.what);
  const [first] = report.metrics;
  if (!first) return 'nothing was asked of it';
  const rows = `${count(report.rows)} rows`;
  if (first.difference === null || first.baseline === null) {
    return `${first.metric} ${round(first.candidate)} on ${rows} is as required (${report.baselineNote})`;
  }
  const side = first.difference.value >= 0 ? 'above' : 'below';
  return (
    `${first.metric} ${round(first.candidate)} is ${round(Math.abs(first.difference.value))} ${side} the live model’s ${round(first.baseline)} ` +
    `(${percent(report.confidence)} interval ${interval(first)}, ${rows})`
  );
}

/** The comment and the job's summary: who is tired decides from the first two lines. */
export function gateMarkdown(report: GateReport): string {
  return [
    `### ${HEADS[report.verdict].replace('%', report.model)}`,
    `**${inline(headline(report))}.**`,
    ...others(report),
    '',
    ...table(report),
    money(report),
    '',
    ...details(report),
    '',
    footer(report),
  ].join('\n');
}

/** Further reasons, so that none is found only after the first is mended. */
function others({ findings }: GateReport): string[] {
  const rest = findings.slice(1, 6).map(({ what }) => `- ${inline(what)}`);
  if (findings.length > 6) rest.push(`- and ${findings.length - 6} more`);
  return rest.length === 0 ? [] : ['', ...rest];
}

function table(report: GateReport): string[] {
  if (report.metrics.length === 0) return [];
  const worst = worstSlices(report.slices);
  return [
    `| | this commit | ${report.baseline ? inline(report.baseline.title) : 'live'} | required | |`,
    '|---|---|---|---|---|',
    ...report.metrics.map((metric) => row(metric.metric, metric)),
    ...worst.map(({ slice, metric }) =>
      row(
        `worst slice: ${metric.metric}, ${inline(slice.by)} ${code(slice.value ?? '(none)')}`,
        metric,
        withInterval(metric),
      ),
    ),
    '',
  ];
}

function row(name: string, metric: JudgedMetric, candidate = round(metric.candidate)): string {
  const baseline = metric.baseline === null ? '–' : round(metric.baseline);
  return `| ${name} | ${candidate} | ${baseline} | ${describeThreshold(metric.threshold)} | ${MARKS[metric.verdict]} |`;
}

/** For each metric the judged slice where the candidate does worst. */
function worstSlices(slices: readonly JudgedSlice[]): { slice: JudgedSlice; metric: JudgedMetric }[] {
  const worst = new Map<string, { slice: JudgedSlice; metric: JudgedMetric }>();
  for (const slice of slices) {
    if (!slice.judged) continue;
    for (const metric of slice.metrics) {
      const known = worst.get(metric.metric)?.metric.candidate;
      const worse = metric.greaterIsBetter
        ? metric.candidate < (known ?? Infinity)
        : metric.candidate > (known ?? -Infinity);
      if (worse) worst.set(metric.metric, { slice, metric });
    }
  }
  return [...worst.values()];
}

function money({ training, monthly, evaluationCostUsd }: GateReport): string {
  const parts: string[] = [];
  if (training) {
    const took = training.seconds === null ? '' : `, ${duration(training.seconds)}`;
    parts.push(`Training: ${formatUsd(training.costUsd)}${took}, reused: ${training.reused ? 'yes' : 'no'}`);
  }
  parts.push(`Evaluation: ${formatUsd(evaluationCostUsd)}`);
  if (monthly) {
    const { candidateUsd, liveUsd } = monthly;
    const change =
      candidateUsd === null || liveUsd === null
        ? ''
        : candidateUsd === liveUsd
          ? ' (no change)'
          : ` (now ${formatUsd(liveUsd)})`;
    parts.push(
      `Endpoint if deployed: ${candidateUsd === null ? formatUsd(null) : `${formatUsd(candidateUsd)}/month`}${change}`,
    );
  }
  return parts.join(' · ');
}

const SLICES_SHOWN = 200;
const METHODS: Record<Interval['method'], string> = {
  delong: 'DeLong',
  wilson: 'Wilson',
  bootstrap: 'bootstrap',
  simultaneous: 'simultaneous',
  none: '',
};

function details(report: GateReport): string[] {
  const lines = [`<details><summary>${summaryOf(report)}</summary>`, ''];
  lines.push(
    `- evaluated on ${count(report.rows)} rows of ${code(report.data.uri)} (${report.data.objects} ${report.data.objects === 1 ? 'object' : 'objects'})`,
  );
  lines.push(
    `- compared with: ${report.baseline ? `${inline(report.baseline.title)}, ${code(report.baseline.id)}` : inline(report.baselineNote)}`,
  );
  const own = Object.entries(report.selfReported).map(([name, value]) => `${inline(name)} ${round(value)}`);
  if (own.length > 0) lines.push(`- training says of itself (not judged by): ${own.join(', ')}`);
  for (const judged of report.metrics) {
    const { metric, difference, interval: own } = judged;
    if (own)
      lines.push(
        `- ${metric}: ${withInterval(judged)}, ${percent(report.confidence)} (${METHODS[own.method]})`,
      );
    if (!difference) continue;
    lines.push(
      `- ${metric}: difference ${round(difference.value)}, ${percent(report.confidence)} interval ${round(difference.low)} … ${round(difference.high)} (${difference.method === 'delong' ? 'DeLong' : 'paired bootstrap'})`,
    );
  }
  if (report.slices.length > 0) {
    lines.push('', '| slice | rows | metric | this commit | live | |', '|---|---|---|---|---|---|');
    for (const slice of report.slices.slice(0, SLICES_SHOWN)) lines.push(...sliceRows(slice));
    if (report.slices.length > SLICES_SHOWN)
      lines.push('', `${report.slices.length - SLICES_SHOWN} smaller slices are in the report.`);
  }
  for (const model of [report.candidate, report.baseline]) {
    const evaluation = model?.evaluation;
    if (!evaluation || evaluation.logTail.length === 0) continue;
    lines.push(
      '',
      `The last lines of ${code(evaluation.jobName)}:`,
      `<pre>${evaluation.logTail.map(html).join('\n')}</pre>`,
    );
  }
  return [...lines, '', '</details>'];
}

function summaryOf({ slices }: GateReport): string {
  return slices.length === 0 ? 'What was compared' : `What was compared, and all ${slices.length} slices`;
}

function sliceRows(slice: JudgedSlice): string[] {
  const name = `${inline(slice.by)} ${code(slice.value ?? '(none)')}`;
  return slice.metrics.map((judged) => {
    const { metric, baseline, verdict } = judged;
    const mark = slice.judged ? MARKS[verdict] : 'too few rows';
    return `| ${name} | ${count(slice.rows)} | ${metric} | ${withInterval(judged)} | ${baseline === null ? '–' : round(baseline)} | ${mark} |`;
  });
}

function footer(report: GateReport): string {
  const parts = [
    report.commit === '' ? '' : `commit ${code(report.commit.slice(0, 7))}`,
    report.training ? `training job ${code(report.training.jobName)}` : '',
    report.baseline ? `evaluated against ${code(report.baseline.id)}` : '',
    report.candidate.evaluation ? `[evaluation](${report.candidate.evaluation.consoleUrl})` : '',
    report.runUrl === '' ? '' : `[run](${report.runUrl})`,
  ];
  return `<sub>${parts.filter((part) => part !== '').join(' · ')}</sub>`;
}

/** `0.603 (0.580 … 0.626)`; the value alone where the rows are too few for an interval. */
function withInterval({ candidate, interval }: JudgedMetric): string {
  return interval
    ? `${round(candidate)} (${round(interval.low)} … ${round(interval.high)})`
    : round(candidate);
}

function interval({ difference }: JudgedMetric): string {
  return difference ? `of the difference ${round(difference.low)} … ${round(difference.high)}` : '';
}

const sentence = (text: string) => text.replace(/\.$/, '');

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} m ${whole % 60} s`;
}

/** Text of others (a slice's value, an error's message) inside our line: no markup, no link and no mention of it works. */
export function inline(text: string): string {
  return html(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll('@', '&#64;')
    .replaceAll(/[\\`*_[\]|~]/g, String.raw`\$&`);
}

function code(text: string): string {
  return `\`${text.replaceAll(/[`\s]+/g, ' ').replaceAll('|', String.raw`\|`)}\``;
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
