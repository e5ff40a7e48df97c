import type { DriftReport } from '../drift/drift-report.ts';
import type { PerformanceReport } from '../performance/performance-report.ts';

/** A line for a log: the verdict, the features behind it, and how much was compared. */
export function driftSummary(report: DriftReport): string {
  const alarms = report.features.filter(({ verdict }) => verdict === report.verdict);
  const shown = alarms
    .slice(0, 5)
    .map(({ name, role, reason }) => `${role === 'prediction' ? `the model's ${name}` : name} (${reason})`);
  const more = alarms.length > shown.length ? ` and ${alarms.length - shown.length} more` : '';
  const count = new Intl.NumberFormat('en');
  const rows = `${count.format(report.rows.current)} rows against ${count.format(report.rows.baseline)} of the baseline`;
  if (report.verdict === 'none') return `drift none: ${report.features.length} features, ${rows}`;
  return `drift ${report.verdict}: ${shown.join('; ')}${more}; ${rows}`;
}

/** A line for a log: the verdict, the metrics behind it, and of how many answers the truth is known. */
export function performanceSummary({ verdict, metrics, labels }: PerformanceReport): string {
  const shown = metrics.filter((metric) => metric.verdict === verdict).map(({ reason }) => reason);
  const count = new Intl.NumberFormat('en');
  const kinds = [
    [labels.waiting, 'not due yet'],
    [labels.unlabelled, 'without a label'],
    [labels.late, 'labelled late'],
    [labels.contradictory, 'with labels that contradict each other'],
    [labels.mismatched, 'with another number of labels'],
    [labels.unusable, 'that are no numbers'],
    [labels.repeatedAnswers, 'captured again'],
    [labels.repeatedLabels, 'labelled again'],
  ] as const;
  const parts = kinds.filter(([many]) => many > 0).map(([many, what]) => `${count.format(many)} ${what}`);
  if (labels.unknown > 0) parts.push(`${count.format(labels.unknown)} labels of other requests`);
  const rest = parts.length > 0 ? ` (${parts.join(', ')})` : '';
  return `performance ${verdict}: ${shown.join('; ')}; ${count.format(labels.labelled)} of ${count.format(labels.answers)} answers have labels${rest}`;
}

/** A table for a terminal or a log, features by effect. */
export function driftTable({ features }: DriftReport): string {
  const rows = features.map(({ name, verdict, measure, value, warn, fail, reason }) => [
    name,
    verdict,
    `${measure} ${Number.isFinite(value) ? value.toPrecision(3) : '–'}`,
    `${warn} / ${fail}`,
    verdict === 'none' ? '' : reason,
  ]);
  const all = [['feature', 'verdict', 'value', 'warn / fail', ''], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
