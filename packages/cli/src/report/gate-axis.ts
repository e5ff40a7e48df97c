import type { GateReport } from '@tidegate/pipeline';
import { html, type Html } from './html.ts';

export type GateMetric = GateReport['metrics'][number];

const [width, height] = [240, 26];
const [left, right, middle] = [9, width - 9, height / 2];

/** One metric on an axis of its own, without words: what is required, the live model, this commit and how sure its difference is. */
export function gateAxis(metric: GateMetric): Html {
  const { candidate, baseline, difference, threshold } = metric;
  const required = threshold.atLeast ?? threshold.atMost;
  const interval =
    difference === null || baseline === null ? [] : [baseline + difference.low, baseline + difference.high];
  const x = scale([candidate, baseline, required, ...interval]);
  const [low, high] = interval;
  return html`<svg class="axis-plot" viewBox="0 0 ${width} ${height}" aria-hidden="true">
    <line x1="0" x2="${width}" y1="${middle}" y2="${middle}" stroke="var(--line)" />
    ${required === undefined ? undefined : html`<line class="required" x1="${x(required)}" x2="${x(required)}" y1="2" y2="${height - 2}" />`}
    ${low === undefined || high === undefined ? undefined : html`<line class="interval" x1="${x(low)}" x2="${x(high)}" y1="${middle}" y2="${middle}" />`}
    ${baseline === null || !Number.isFinite(baseline) ? undefined : diamond(x(baseline), middle)}
    ${Number.isFinite(candidate) ? html`<circle class="candidate" cx="${x(candidate)}" cy="${middle}" r="5" />` : undefined}
  </svg>`;
}

/** What the marks mean, each as it is drawn. */
export function gateLegend(): Html {
  const mark = (what: string, drawn: Html) =>
    html`<span><svg class="mark" viewBox="0 0 22 16" aria-hidden="true">${drawn}</svg>${what}</span>`;
  return html`<div class="legend">
    ${mark('this commit', html`<circle class="candidate" cx="11" cy="8" r="5" />`)}
    ${mark('interval of its difference from live', html`<line class="interval" x1="1" x2="21" y1="8" y2="8" />`)}
    ${mark('live model', diamond(11, 8))}
    ${mark('required', html`<line class="required" x1="11" x2="11" y1="1" y2="15" />`)}
  </div>`;
}

function diamond(x: number, y: number): Html {
  return html`<path class="live" d="M${x} ${y - 6} l6 6 -6 6 -6 -6 Z" />`;
}

/** All values with a little room on both sides; a metric with one value has it in the middle. */
function scale(values: readonly (number | null | undefined)[]): (value: number) => number {
  const known = values.filter((value): value is number => Number.isFinite(value));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  return (value) =>
    Math.round((left + ((value - low + room) / (high - low + 2 * room)) * (right - left)) * 10) / 10;
}
