import type { GateReport } from '@tidegate/pipeline';
import type { ChapterFact } from './facts.ts';
import { html, table, type Html } from './html.ts';

const width = 700;
const rowHeight = 40;
const [left, right] = [150, 660];

/** Each metric on an axis of its own: the candidate, the live model, what is required. */
export function gateSection(chapters: readonly ChapterFact[]): Html {
  const judged = chapters.flatMap((chapter) => {
    const report = gateOf(chapter);
    return report === undefined ? [] : [{ chapter, report }];
  });
  if (judged.length === 0) return html``;
  return html`<section aria-labelledby="gate">
    <h2 id="gate">What the gate decided</h2>
    ${judged.map(({ chapter, report }) => gate(chapter.title, report))}
  </section>`;
}

export function gateOf({ reports }: ChapterFact): GateReport | undefined {
  return Object.values(reports).find(
    (report): report is GateReport => (report as GateReport | null)?.format === 'tidegate-gate/1',
  );
}

function gate(title: string, report: GateReport): Html {
  const { verdict, findings, metrics, rows, confidence } = report;
  return html`<h3>${title}: <span class="${verdict === 'pass' ? 'good' : 'bad'}">${verdict}</span></h3>
    ${
      findings.length === 0
        ? html`<p>Every metric is as required, on ${rows.toLocaleString('en-US')} rows.</p>`
        : findings.slice(0, 4).map(({ what }) => html`<p>${what}</p>`)
    }
    <figure>
      <svg
        viewBox="0 0 ${width} ${metrics.length * rowHeight + 8}"
        role="img"
        aria-label="Each metric’s value beside the live model’s and its threshold. The table below says the same."
      >
        ${metrics.map((metric, index) => axis(metric, index * rowHeight))}
      </svg>
      <figcaption>
        ● this commit, with the interval of its difference from live · ◆ live · │ required
      </figcaption>
    </figure>
    ${table(
      `Metrics, with the ${Math.round(confidence * 100)} % interval of the difference`,
      ['Metric', 'This commit', 'Live', 'Difference', 'Required', 'Verdict'],
      metrics.map(({ metric, candidate, baseline, difference, threshold, verdict: of }) => [
        metric,
        number(candidate),
        number(baseline),
        difference === null
          ? ''
          : `${number(difference.value)} (${number(difference.low)} … ${number(difference.high)})`,
        required(threshold),
        of,
      ]),
    )}`;
}

type Metric = GateReport['metrics'][number];

function axis({ metric, candidate, baseline, difference, threshold }: Metric, top: number): Html {
  const floor = threshold.atLeast ?? threshold.atMost;
  const interval =
    difference === null || baseline === null ? [] : [baseline + difference.low, baseline + difference.high];
  const values = [candidate, baseline, floor, ...interval].filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low) * 0.15 || Math.abs(high) * 0.05 || 1;
  const x = (value: number) => left + ((value - low + room) / (high - low + 2 * room)) * (right - left);
  const y = top + rowHeight / 2;
  return html`<text x="0" y="${y + 4}">${metric}</text
    ><line x1="${left}" x2="${right}" y1="${y}" y2="${y}" stroke="var(--line)" /> ${
      floor === undefined
        ? undefined
        : html`<line
            x1="${x(floor)}"
            x2="${x(floor)}"
            y1="${y - 13}"
            y2="${y + 13}"
            stroke="var(--bad)"
            stroke-width="2"
            ><title>required: ${number(floor)}</title></line
          >`
    }
    ${
      interval.length === 2
        ? html`<line
            x1="${x(interval[0]!)}"
            x2="${x(interval[1]!)}"
            y1="${y}"
            y2="${y}"
            stroke="var(--a)"
            stroke-width="3"
            opacity="0.6"
          />`
        : undefined
    }
    ${
      baseline === null
        ? undefined
        : html`<path d="M${x(baseline)} ${y - 7} l7 7 -7 7 -7 -7 Z" fill="var(--b)"
            ><title>live: ${number(baseline)}</title></path
          >`
    }
    ${
      Number.isFinite(candidate)
        ? html`<circle cx="${x(candidate)}" cy="${y}" r="5.5" fill="var(--a)"
            ><title>this commit: ${number(candidate)}</title></circle
          >`
        : undefined
    }`;
}

function required({ atLeast, atMost, notBelowLiveBy, notAboveLiveBy }: Metric['threshold']): string {
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
