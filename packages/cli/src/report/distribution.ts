import type { FeatureDrift, Histogram } from '@tidegate/stats';
import { html, type Html } from './html.ts';

const [width, height] = [320, 96];
const mostCategories = 8;

/** A feature's training data and production over each other, as shares: the two sides have different numbers of rows. */
export function distribution({ name, kind, baseline, current }: FeatureDrift): Html {
  const [before, now] = [shares(baseline), shares(current)];
  return kind === 'numeric'
    ? steps(name, baseline, before, now)
    : largestChanges(baseline.labels ?? [], before, now);
}

/** The outlines of two histograms on one axis; what they mean stands beside them as text, so the picture may be stretched. */
function steps(name: string, { edges, labels }: Histogram, before: number[], now: number[]): Html {
  const tallest = Math.max(...before, ...now, 0.01);
  const y = (share: number) => (height - (share / tallest) * (height - 4)).toFixed(1);
  const x = (index: number) => ((index * width) / before.length).toFixed(1);
  const outline = (values: number[]) =>
    `M0 ${height} ${values.map((share, i) => `L${x(i)} ${y(share)} L${x(i + 1)} ${y(share)}`).join(' ')} L${width} ${height}`;
  const ends =
    edges === undefined ? [labels?.[0] ?? '', labels?.at(-1) ?? ''] : [edges[0], edges.at(-1)].map(short);
  return html`<div class="plot">
      <span class="soft">${percent(tallest)}</span>
      <svg
        viewBox="0 0 ${width} ${height}"
        preserveAspectRatio="none"
        role="img"
        aria-label="Shares of the values of ${name} in the training data and in production"
      >
        <path class="before" d="${outline(before)} Z" />
        <path class="now" d="${outline(now)}" />
        ${before.map((share, index) => hover(labels?.[index] ?? range(edges, index), Number(x(index)), width / before.length, share, now[index] ?? 0))}
      </svg>
    </div>
    <div class="ends soft"><span>${ends[0] ?? ''}</span><span>${ends[1] ?? ''}</span></div>`;
}

function hover(value: string, x: number, step: number, before: number, now: number): Html {
  return html`<rect class="hover" x="${x}" y="0" width="${step.toFixed(1)}" height="${height}"
    ><title>${value}: training data ${percent(before)}, production ${percent(now)}</title></rect
  >`;
}

/** Of many categories, those that changed most. */
function largestChanges(labels: readonly string[], before: number[], now: number[]): Html {
  const order = labels
    .map((_, index) => index)
    .sort((a, b) => change(b) - change(a))
    .slice(0, mostCategories);
  function change(index: number): number {
    return Math.abs((now[index] ?? 0) - (before[index] ?? 0));
  }
  const longest = Math.max(...order.flatMap((index) => [before[index] ?? 0, now[index] ?? 0]), 0.001);
  const bar = (share: number, ink: string) =>
    html`<i style="width:${((share / longest) * 100).toFixed(1)}%;background:${ink}"></i>`;
  return html`<div class="categories">
      ${order.map(
        (index) =>
          html`<span>${labels[index] ?? ''}</span
            ><span class="pair"
              >${bar(before[index] ?? 0, 'var(--before)')}${bar(now[index] ?? 0, 'var(--b)')}</span
            ><span class="soft">${percent(before[index] ?? 0)} → ${percent(now[index] ?? 0)}</span>`,
      )}
    </div>
    ${labels.length > order.length ? html`<div class="soft ends">the ${order.length} of ${labels.length} that changed most</div>` : undefined}`;
}

function shares({ counts }: Histogram): number[] {
  const total = counts.reduce((sum, each) => sum + each, 0) || 1;
  return counts.map((each) => each / total);
}

function range(edges: readonly number[] | undefined, index: number): string {
  return edges === undefined ? '' : `${short(edges[index])} … ${short(edges[index + 1])}`;
}

export function short(value: number | undefined): string {
  if (value === undefined) return '';
  return Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : String(value);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
