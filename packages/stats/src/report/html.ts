import type {
  DriftReport,
  DriftVerdict,
  FeatureDrift,
  OneSided,
  RangeViolation,
} from '../drift/drift-report.ts';
import type { Histogram } from '../drift/evidence.ts';
import type { PerformanceReport } from '../performance/performance-report.ts';
import { chartOf, shares } from './charts.ts';
import { pageHtml, scrolling } from './page.ts';
import { performanceSection } from './performance-section.ts';
import { count, escapeHtml, percent, short } from './write.ts';

const WORDS: Record<DriftVerdict, { word: string; style: string; mark: string }> = {
  fail: { word: 'drifted', style: 'fail', mark: '✕' },
  warn: { word: 'drifting', style: 'warn', mark: '!' },
  inconclusive: { word: 'undecided', style: 'inconclusive', mark: '?' },
  none: { word: 'steady', style: 'good', mark: '✓' },
};

/** Sections of more features than this are a file that no browser likes. */
const DRAWN_FEATURES = 400;

/**
 * The report as one HTML file without a script or anything to load: features by effect, each with both histograms drawn over each other
 * and the same figures as a table.
 * @param title what was compared, as "flight-delay, 3 June"
 * @param performance what became of the model's metrics, where that is known too
 */
export function driftReportHtml(
  report: DriftReport,
  { title = 'Drift', performance }: { title?: string; performance?: PerformanceReport | undefined } = {},
): string {
  const { rows, features } = report;
  const extra =
    report.extra.length === 0 ? '' : `<p>Not in the baseline: ${escapeHtml(report.extra.join(', '))}.</p>`;
  const drawn = features.slice(0, DRAWN_FEATURES);
  const more =
    drawn.length < features.length
      ? `<p class="soft">Drawn are the ${drawn.length} strongest of ${count(features.length)} features.</p>`
      : '';
  const body = `<p class="soft">${escapeHtml(title)}</p>
<h1>${headline(report)}</h1>
<p>${count(rows.current)} rows compared with ${count(rows.baseline)} of the baseline.</p>
${extra}
${performance ? performanceSection(performance) : ''}
${overview(features)}
${more}
${drawn.map((feature) => featureSection(feature)).join('\n')}`;
  return pageHtml({ title: `${title}: ${WORDS[report.verdict].word}`, body });
}

function headline({ verdict, features }: DriftReport): string {
  const { style, mark } = WORDS[verdict];
  const named = features.filter((feature) => feature.verdict === verdict).map(titleOf);
  const list =
    named.length > 4 ? `${named.slice(0, 3).join(', ')} and ${named.length - 3} more` : named.join(', ');
  const sentence = {
    fail: `Drift: ${list} ${named.length === 1 ? 'is' : 'are'} no longer distributed as in the baseline`,
    warn: `Warning: ${list} ${named.length === 1 ? 'begins' : 'begin'} to differ from the baseline`,
    inconclusive: `Undecided: there is too little to judge ${list}`,
    none: `No drift in ${features.length} feature${features.length === 1 ? '' : 's'}`,
  }[verdict];
  return `<span class="${style}" aria-hidden="true">${mark}</span> ${sentence}`;
}

/** A prediction is called so wherever it could be taken for a feature. */
function titleOf({ name, role }: FeatureDrift): string {
  return role === 'prediction' ? `the model’s ${escapeHtml(name)}` : escapeHtml(name);
}

function verdictOf(feature: FeatureDrift): string {
  const { word, style, mark } = WORDS[feature.verdict];
  return `<span class="verdict ${style}"><span aria-hidden="true">${mark}</span> ${word}</span>`;
}

function overview(features: readonly FeatureDrift[]): string {
  const rows = features.map(
    (feature) =>
      `<tr><td><a href="#${anchor(feature.name)}">${titleOf(feature)}</a></td><td>${verdictOf(feature)}</td><td>${feature.measure}</td><td class="number">${short(feature.value)}</td><td class="number">${short(feature.warn)} / ${short(feature.fail)}</td><td class="number">${probability(feature.adjustedPValue)}</td></tr>`,
  );
  return scrolling(
    'Features by effect',
    `<table>
<caption class="soft">Features by effect</caption>
<thead><tr><th>Feature</th><th>Verdict</th><th>Measure</th><th class="number">Value</th><th class="number">Warn / fail</th><th class="number">p, adjusted</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`,
  );
}

function anchor(name: string): string {
  return `feature-${escapeHtml(name.replaceAll(/\s/g, '-'))}`;
}

function probability(p: number): string {
  if (!Number.isFinite(p)) return '–';
  return p < 0.001 ? '&lt; 0.001' : p.toFixed(3);
}

function featureSection(feature: FeatureDrift): string {
  const { baseline, current } = feature;
  const bound = feature.bound > 0 ? ` (± ${short(feature.bound)})` : '';
  const changes = [
    feature.appeared.length > 0 ? `<p>New: ${oneSided(feature.appeared)}.</p>` : '',
    feature.vanished.length > 0 ? `<p>Gone: ${oneSided(feature.vanished)}.</p>` : '',
    feature.range && feature.range.outside > 0 ? `<p>${outside(feature.range)}</p>` : '',
  ].join('');
  return `<section id="${anchor(feature.name)}">
<h2>${titleOf(feature)}</h2>
<p>${verdictOf(feature)}: ${escapeHtml(feature.reason)}${bound}</p>
<p class="soft">${count(feature.samples.current)} values, ${count(feature.samples.baseline)} in the baseline; missing or unusable ${percent(feature.unusable.current)}, ${percent(feature.unusable.baseline)} in the baseline.</p>
${changes}
<figure>${scrolling(`Chart of ${feature.name}`, chartOf(feature.name, baseline, current))}
<figcaption><span class="key before"></span>baseline<span class="key now"></span>current</figcaption></figure>
${figuresTable(feature.name, baseline, current)}
</section>`;
}

function oneSided(categories: readonly OneSided[]): string {
  return categories.map(({ name, share }) => `${escapeHtml(name)} (${percent(share)})`).join(', ');
}

function outside({ least, most, outside, bound }: RangeViolation): string {
  const atMost = bound > 0 ? ` to ${percent(outside + bound)}` : '';
  return `Outside of the baseline’s range, ${short(least)} … ${short(most)}: ${percent(outside)}${atMost} of the values.`;
}

function figuresTable(name: string, baseline: Histogram, current: Histogram): string {
  if (baseline.counts.length === 0) return '';
  const { edges, labels } = baseline;
  const before = shares(baseline.counts);
  const now = shares(current.counts);
  const rows = baseline.counts.map((_, i) => {
    const bin = edges ? `${short(edges[i]!)} … ${short(edges[i + 1]!)}` : escapeHtml(labels?.[i] ?? '');
    return `<tr><th scope="row">${bin}</th><td class="number">${percent(before[i]!)}</td><td class="number">${percent(now[i]!)}</td></tr>`;
  });
  return `<details><summary>The same as a table</summary><table>
<caption class="soft">Shares of ${escapeHtml(name)}</caption>
<thead><tr><th>Value</th><th class="number">Baseline</th><th class="number">Current</th></tr></thead>
<tbody>${rows.join('')}</tbody></table></details>`;
}
