import type { GateReport } from '@tidegate/pipeline';
import type { ChapterFact } from './facts.ts';
import { gateAxis, gateLegend, type GateMetric } from './gate-axis.ts';
import { html, table, type Html } from './html.ts';

const mostFindings = 4;

/** Each metric on an axis of its own: the candidate, the live model, what is required. */
export function gateSection(chapters: readonly ChapterFact[]): Html {
  const judged = chapters.flatMap((chapter, index) => {
    const report = gateOf(chapter);
    return report === undefined ? [] : [gate(`${index + 1} ${chapter.title}`, report)];
  });
  if (judged.length === 0) return html``;
  return html`<section aria-labelledby="gate">
    <h2 id="gate">What the gate decided</h2>
    ${gateLegend()} ${judged}
  </section>`;
}

export function gateOf({ reports }: ChapterFact): GateReport | undefined {
  return Object.values(reports).find(
    (report): report is GateReport => (report as GateReport | null)?.format === 'tidegate-gate/1',
  );
}

function gate(title: string, report: GateReport): Html {
  const { verdict, findings, metrics, rows } = report;
  const shown = findings.slice(0, mostFindings);
  return html`<h3>${title}: <span class="${verdict === 'pass' ? 'good' : 'bad'}">${verdict}</span></h3>
    ${
      shown.length === 0
        ? html`<p>Every metric is as required, on ${count(rows)} rows.</p>`
        : html`<ul>
            ${shown.map(({ what }) => html`<li>${what}</li>`)}
            ${findings.length > shown.length ? html`<li>and ${findings.length - shown.length} more</li>` : undefined}
          </ul>`
    }
    ${table(
      comparedWith(report),
      ['Metric', 'On its own axis', 'This commit', 'Live', 'Difference', 'Required', 'Verdict'],
      metrics.map((metric) => [
        html`<span class="number">${metric.metric}</span>`,
        gateAxis(metric),
        number(metric.candidate),
        number(metric.baseline),
        differenceOf(metric),
        required(metric.threshold),
        html`<span class="${metric.verdict === 'pass' ? 'good' : 'bad'}">${metric.verdict}</span>`,
      ]),
    )}`;
}

function comparedWith({ baseline, baselineNote, confidence }: GateReport): string {
  if (baseline === null) return `Compared with nothing: ${baselineNote}`;
  return `Compared with ${baseline.title}; differences with their ${Math.round(confidence * 100)} % interval`;
}

function differenceOf({ difference }: GateMetric): string {
  if (difference === null) return '';
  return `${signed(difference.value)} (${signed(difference.low)} … ${signed(difference.high)})`;
}

function required({ atLeast, atMost, notBelowLiveBy, notAboveLiveBy }: GateMetric['threshold']): string {
  return [
    atLeast === undefined ? '' : `≥ ${atLeast}`,
    atMost === undefined ? '' : `≤ ${atMost}`,
    notBelowLiveBy === undefined ? '' : `not below live by ${notBelowLiveBy}`,
    notAboveLiveBy === undefined ? '' : `not above live by ${notAboveLiveBy}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function number(value: number | null): string {
  return value === null ? '–' : Number.isFinite(value) ? value.toFixed(4).replace('-', '−') : String(value);
}

function signed(value: number): string {
  return value > 0 ? `+${number(value)}` : number(value);
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
