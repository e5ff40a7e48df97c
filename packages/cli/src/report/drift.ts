import type { DriftReport, FeatureDrift, Histogram } from '@tidegate/stats';
import type { ChapterFact } from './facts.ts';
import { html, table, type Html } from './html.ts';

const [width, height] = [320, 110];

/** Per feature, the training data and production drawn over each other, strongest effect first. */
export function driftSection(chapters: readonly ChapterFact[]): Html {
  const report = chapters.map(driftOf).find((each) => each !== undefined);
  if (report === undefined) return html``;
  const { verdict, features, rows } = report;
  return html`<section aria-labelledby="drift">
    <h2 id="drift">How production differs from the training data</h2>
    <p>
      Verdict:
      <strong class="${verdict === 'fail' ? 'bad' : 'good'}">${verdict === 'fail' ? 'drift' : verdict}</strong
      >, from ${rows.current.toLocaleString('en-US')} captured requests against
      ${rows.baseline.toLocaleString('en-US')} rows of training data.
    </p>
    <div class="legend">
      <span><i style="background:var(--a)"></i>training data</span
      ><span><i style="background:var(--b)"></i>production</span>
    </div>
    <div class="small">${features.map(feature)}</div>
    ${table(
      'Every feature, strongest effect first',
      ['Feature', 'Measure', 'Value', 'Warn', 'Fail', 'Samples', 'Verdict'],
      features.map(({ name, measure, value, warn, fail, samples, verdict: of }) => [
        name,
        measure,
        number(value),
        String(warn),
        String(fail),
        samples.current.toLocaleString('en-US'),
        of === 'fail' ? 'drift' : of,
      ]),
    )}
  </section>`;
}

export function driftOf({ reports }: ChapterFact): DriftReport | undefined {
  for (const report of Object.values(reports)) {
    const found = report as { features?: unknown; drift?: unknown } | null;
    if (Array.isArray(found?.features)) return report as DriftReport;
    if (Array.isArray((found?.drift as { features?: unknown } | undefined)?.features))
      return found!.drift as DriftReport;
  }
  return undefined;
}

function feature({ name, measure, value, verdict, baseline, current }: FeatureDrift): Html {
  const said = `${name}: ${measure} ${number(value)}, ${verdict === 'fail' ? 'drift' : verdict}`;
  return html`<figure>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${said}">
      ${bars(baseline, 'var(--a)', 0.45, 0)} ${bars(current, 'var(--b)', 0.6, 1)}
      <line x1="0" x2="${width}" y1="${height - 1}" y2="${height - 1}" stroke="var(--line)" />
    </svg>
    <figcaption>
      <span class="${verdict === 'fail' ? 'bad' : verdict === 'warn' ? 'warn' : ''}">${said}</span>
      ${ends(baseline)}
    </figcaption>
  </figure>`;
}

/** Shares, not counts: the two sides have different numbers of rows. */
function bars({ counts, labels, edges }: Histogram, fill: string, opacity: number, side: 0 | 1): Html[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  const tallest = Math.max(...counts) / total || 1;
  const scale = (height - 8) / Math.max(tallest, 0.02) / 1.35;
  const step = width / counts.length;
  return counts.map((count, index) => {
    const high = Math.min(height - 4, (count / total) * scale);
    const label =
      labels?.[index] ??
      (edges === undefined ? '' : `${number(edges[index]!)} … ${number(edges[index + 1]!)}`);
    return html`<rect
      x="${(index * step + side * step * 0.12).toFixed(1)}"
      y="${(height - 1 - high).toFixed(1)}"
      width="${(step * 0.8).toFixed(1)}"
      height="${high.toFixed(1)}"
      fill="${fill}"
      opacity="${opacity}"
      ><title>${label}: ${((count / total) * 100).toFixed(1)} %</title></rect
    >`;
  });
}

function ends({ labels, edges }: Histogram): string {
  if (labels !== undefined) return labels.length > 1 ? `${labels[0]} … ${labels.at(-1)}` : (labels[0] ?? '');
  return edges === undefined ? '' : `${number(edges[0]!)} … ${number(edges.at(-1)!)}`;
}

function number(value: number): string {
  return Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : String(value);
}
