import { driftReportHtml, type DriftReport, type FeatureDrift } from '@tidegate/stats';
import type { DriftFacts, DriftWord } from './drift-facts.ts';

const marks: Record<DriftWord, string> = { none: '✅', warn: '⚠️', drift: '🌊', inconclusive: '❔' };

/** The verdict in a line, what follows from it, and each feature with its measure, limits and samples. */
export function driftMarkdown(facts: DriftFacts, action: string): string {
  const { verdict, reason, endpoint, endpointConfig, window, report } = facts;
  const iso = (instant: number) => new Date(instant).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `### ${marks[verdict]} \`${endpoint}\`: ${verdict === 'none' ? 'no drift' : verdict}`,
    '',
    `**${reason}**${action === 'none' ? '' : ` → ${action}`}`,
    '',
    `Traffic of ${iso(window.from)} to ${iso(window.to)} UTC against what \`${endpointConfig}\` was trained on.`,
    '',
    ...(report === undefined ? [] : featureTable(report)),
    '',
  ].join('\n');
}

function featureTable({ features }: DriftReport): string[] {
  return [
    '| feature | measure | value | warn | fail | samples | |',
    '|---|---|---|---|---|---|---|',
    ...features.map((feature) => `| ${cells(feature).join(' | ')} |`),
  ];
}

const featureMarks: Record<FeatureDrift['verdict'], string> = {
  none: '✅',
  warn: '⚠️',
  fail: '❌',
  inconclusive: '❔',
};

function cells({ name, measure, value, warn, fail, samples, verdict, reason }: FeatureDrift): string[] {
  // Names come from the data, and a table must survive any of them.
  const safe = name.replaceAll(/[|`<>\n]/g, '_');
  return [
    `\`${safe}\``,
    measure,
    Number.isFinite(value) ? value.toPrecision(3) : '–',
    String(warn),
    String(fail),
    samples.current.toLocaleString('en-US'),
    verdict === 'inconclusive'
      ? `${featureMarks[verdict]} ${reason.replaceAll('|', '/')}`
      : featureMarks[verdict],
  ];
}

/** One page with the distributions drawn over each other; undefined where there was nothing to draw. */
export function driftHtml({ report, endpoint, window }: DriftFacts): string | undefined {
  if (report === undefined) return undefined;
  return driftReportHtml(report, { title: `${endpoint}, ${new Date(window.to).toISOString().slice(0, 10)}` });
}
