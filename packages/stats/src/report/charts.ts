import type { Histogram } from '../drift/evidence.ts';
import { escapeHtml, fixed, percent, short } from './write.ts';

const WIDTH = 640;
const HEIGHT = 190;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 10;
const NAMED_ROWS = 20;
const ROW = 22;
const NAMES = 150;

/** Both histograms of a feature over each other: the baseline as a filled shape, the current data as an outline. */
export function chartOf(name: string, baseline: Histogram, current: Histogram): string {
  if (baseline.counts.length === 0) return '<p class="none">Nothing to draw.</p>';
  return baseline.edges
    ? numberChart(name, baseline.edges, shares(baseline.counts), shares(current.counts))
    : categoryChart(name, baseline.labels ?? [], shares(baseline.counts), shares(current.counts));
}

export function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

function numberChart(
  name: string,
  edges: readonly number[],
  before: readonly number[],
  now: readonly number[],
): string {
  const top = niceTop(Math.max(...before, ...now));
  const low = edges[0]!;
  const high = edges.at(-1)!;
  const x = (value: number): number => LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - 8);
  const y = (share: number): number => TOP + (1 - share / top) * (HEIGHT - TOP - BOTTOM);
  const steps = (values: readonly number[]): string =>
    values.map((share, i) => `L${at(x(edges[i]!), y(share))}L${at(x(edges[i + 1]!), y(share))}`).join('');
  const shape = (values: readonly number[]): string =>
    `M${at(x(low), y(0))}${steps(values)}L${at(x(high), y(0))}Z`;
  const hover = before.map((share, i) => {
    const title = `${short(edges[i]!)} … ${short(edges[i + 1]!)}: baseline ${percent(share)}, current ${percent(now[i]!)}`;
    const from = x(edges[i]!);
    return `<rect class="hover" x="${fixed(from)}" y="${TOP}" width="${fixed(x(edges[i + 1]!) - from)}" height="${HEIGHT - TOP - BOTTOM}"><title>${title}</title></rect>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const value = low + part * (high - low);
    const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
    return `<text x="${fixed(x(value))}" y="${HEIGHT - 6}" text-anchor="${anchor}">${short(value)}</text>`;
  });
  const lines = [0, 0.5, 1].map((part) => {
    const height = fixed(y(top * part));
    return `<line x1="${LEFT}" x2="${WIDTH - 8}" y1="${height}" y2="${height}"/><text x="${LEFT - 6}" y="${height + 4}" text-anchor="end">${percent(top * part)}</text>`;
  });
  return svg(
    HEIGHT,
    `Shares of ${name} between ${short(low)} and ${short(high)}, baseline and current`,
    `<g class="grid">${lines.join('')}</g><path class="before" d="${shape(before)}"/><path class="now" d="${shape(now)}"/><g class="axis">${ticks.join('')}</g>${hover.join('')}`,
  );
}

function categoryChart(
  name: string,
  labels: readonly string[],
  before: readonly number[],
  now: readonly number[],
): string {
  const order = labels
    .map((_, i) => i)
    .sort((a, b) => Math.max(before[b]!, now[b]!) - Math.max(before[a]!, now[a]!))
    .slice(0, NAMED_ROWS)
    // Numbers and the baseline's ranking read best in their own order.
    .sort((a, b) => a - b);
  const top = niceTop(Math.max(...before, ...now));
  const width = (share: number): number => fixed((share / top) * (WIDTH - NAMES - 60));
  const rows = order.map((i, row) => {
    const label = labels[i]!;
    const y = TOP + row * ROW;
    const shown = label.length > 22 ? `${label.slice(0, 21)}…` : label;
    const title = `${escapeHtml(label)}: baseline ${percent(before[i]!)}, current ${percent(now[i]!)}`;
    const end = NAMES + width(Math.max(before[i]!, now[i]!)) + 6;
    return `<g><title>${title}</title><text x="${NAMES - 8}" y="${y + 13}" text-anchor="end">${escapeHtml(shown)}</text><rect class="before" x="${NAMES}" y="${y}" width="${width(before[i]!)}" height="18"/><rect class="now" x="${NAMES}" y="${y + 5}" width="${width(now[i]!)}" height="8"/><text class="figure" x="${end}" y="${y + 13}">${percent(now[i]!)}</text></g>`;
  });
  return svg(
    TOP + order.length * ROW + 4,
    `Shares of the values of ${name}, baseline and current`,
    rows.join(''),
  );
}

function svg(height: number, label: string, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(label)}">${content}</svg>`;
}

/** The next of 1, 2, 5 × a power of ten, at most 1. */
function niceTop(share: number): number {
  if (!(share > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(share));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= share)! * power;
  return Math.min(1, step);
}

function at(x: number, y: number): string {
  return `${fixed(x)},${fixed(y)}`;
}
