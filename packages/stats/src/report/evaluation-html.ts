import type { Estimated, EvaluatedMetric, EvaluatedSlice, Evaluation } from '../evaluation/evaluation.ts';
import { oneAxis, ownAxes } from './axis-chart.ts';
import { curveCharts } from './curve-charts.ts';
import { pageHtml, scrolling, tableHtml } from './page.ts';
import { count, escapeHtml, percent, short } from './write.ts';

const DRAWN_SLICES = 40;

/**
 * An evaluation as one HTML file without a script or anything to load: each metric with its interval on an axis of its own, beside the
 * baseline's; slices on one axis; the ROC curve and calibration. All of it stands in tables too.
 * @param title what was evaluated, as "flight-delay, April"
 */
export function evaluationReportHtml(
  evaluation: Evaluation,
  { title = 'Evaluation', baselineTitle = 'baseline' }: { title?: string; baselineTitle?: string } = {},
): string {
  const { rows, positives, curves, confidence } = evaluation;
  const share = positives === null ? '' : `, ${percent(positives / rows)} of class 1`;
  const body = `<p class="soft">${escapeHtml(title)}</p>
<h1>${headline(evaluation, baselineTitle)}</h1>
<p>${count(rows)} rows${share}. Intervals hold the truth ${percent(confidence)} of the time.</p>
${metricsSection(evaluation, baselineTitle)}
${slicesSection(evaluation)}
${curves ? curvesSection(curves) : ''}`;
  return pageHtml({ title: `${title}: ${plainHeadline(evaluation)}`, body });
}

function headline({ metrics }: Evaluation, baselineTitle: string): string {
  const [first] = metrics;
  if (!first) return 'Nothing was asked';
  const { metric, candidate, baseline, difference, greaterIsBetter } = first;
  const said = `${metric} ${interval(candidate)}`;
  if (!difference || !baseline) return said;
  const better = greaterIsBetter ? difference : { low: -difference.high, high: -difference.low };
  const beside = `${escapeHtml(baselineTitle)}’s ${short(baseline.value)}`;
  if (better.low > 0) return `${said}, <span class="good">better than ${beside}</span>`;
  if (better.high < 0) return `${said}, <span class="fail">worse than ${beside}</span>`;
  return `${said}, not to be told from ${beside}`;
}

function plainHeadline({ metrics }: Evaluation): string {
  const [first] = metrics;
  return first ? `${first.metric} ${short(first.candidate.value)}` : 'nothing';
}

/** `0.641 (0.632 … 0.65)` */
function interval({ value, low, high }: Pick<Estimated, 'value' | 'low' | 'high'>): string {
  return Number.isNaN(low) ? short(value) : `${short(value)} (${short(low)} … ${short(high)})`;
}

function signed(estimated: Estimated | null): string {
  if (!estimated) return '';
  const plus = (value: number): string => (value > 0 ? `+${short(value)}` : short(value));
  const { value, low, high } = estimated;
  return Number.isNaN(low) ? plus(value) : `${plus(value)} (${plus(low)} … ${plus(high)})`;
}

function key(hasBaseline: boolean): string {
  const before = hasBaseline ? '<span class="key diamond"></span>baseline' : '';
  return `<figcaption><span class="key dot"></span>this model${before}</figcaption>`;
}

function metricsSection({ metrics, confidence }: Evaluation, baselineTitle: string): string {
  const hasBaseline = metrics.some(({ baseline }) => baseline !== null);
  const rows = metrics.map(({ metric, candidate, baseline }) => ({
    name: metric,
    now: candidate,
    before: baseline ?? undefined,
  }));
  const chart = ownAxes(`Each metric with its ${percent(confidence)} interval, on an axis of its own`, rows);
  const head = ['Metric', 'This model', ...(hasBaseline ? [escapeHtml(baselineTitle), 'Difference'] : [])];
  const cells = metrics.map((each) => [
    `${each.metric} <span class="soft">${each.candidate.method === 'none' ? '' : each.candidate.method}</span>`,
    interval(each.candidate),
    ...(hasBaseline ? [each.baseline ? interval(each.baseline) : '', signed(each.difference)] : []),
  ]);
  return `<section aria-labelledby="metrics">
<h2 id="metrics">Metrics</h2>
<figure>${scrolling('Chart of the metrics', chart)}${key(hasBaseline)}</figure>
${scrolling('Metrics', tableHtml('Metrics with their intervals', head, cells, [false, true, true, true]))}
</section>`;
}

function slicesSection({ slices, metrics: [first] }: Evaluation): string {
  const columns = first ? [...new Set(slices.map(({ by }) => by))] : [];
  const of = (by: string): EvaluatedSlice[] => slices.filter((slice) => slice.by === by);
  return columns.map((by) => slicesBy(by, of(by), first!)).join('\n');
}

/** The first metric is drawn; the table has all of them. */
function slicesBy(by: string, slices: readonly EvaluatedSlice[], whole: EvaluatedMetric): string {
  const drawn = slices.slice(0, DRAWN_SLICES).map(({ slice, metrics }) => ({
    name: slice ?? '(none)',
    now: metrics[0]!.candidate,
    before: metrics[0]!.baseline ?? undefined,
  }));
  const chart = oneAxis(`${whole.metric} of each ${by}; the line is that of all rows`, drawn, [
    whole.candidate.value,
  ]);
  const names = slices[0]!.metrics.map(({ metric }) => metric);
  const more =
    slices.length > drawn.length
      ? `<p class="soft">The ${DRAWN_SLICES} largest of ${slices.length} are drawn.</p>`
      : '';
  const table = tableHtml(
    `Metrics by ${escapeHtml(by)}`,
    [escapeHtml(by), 'Rows', ...names],
    slices.map(({ slice, rows, metrics }) => [
      escapeHtml(slice ?? '(none)'),
      count(rows),
      ...metrics.map(({ candidate }) => interval(candidate)),
    ]),
    [false, ...names.map(() => true), true],
  );
  const id = `by-${escapeHtml(by.replaceAll(/\s/g, '-'))}`;
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${whole.metric} by ${escapeHtml(by)}</h2>
<figure>${scrolling(`Chart by ${by}`, chart)}${key(drawn.some(({ before }) => before))}</figure>${more}
<details><summary>The same as a table, with all metrics</summary>${scrolling(`Metrics by ${by}`, table)}</details>
</section>`;
}

function curvesSection({ candidate, baseline }: NonNullable<Evaluation['curves']>): string {
  const step = Math.max(1, Math.floor(candidate.roc.length / 10));
  const roc = tableHtml(
    'ROC curve of this model',
    ['Share of 0s', 'Share of 1s'],
    candidate.roc
      .filter((_, i) => i % step === 0 || i === candidate.roc.length - 1)
      .map(({ falsePositiveRate, truePositiveRate }) => [
        percent(falsePositiveRate),
        percent(truePositiveRate),
      ]),
    [true, true],
  );
  const calibration = tableHtml(
    'Calibration of this model',
    ['Probability', 'Came true', 'Rows'],
    candidate.calibration.map(({ score, share, low, high, rows }) => [
      percent(score),
      `${percent(share)} (${percent(low)} … ${percent(high)})`,
      count(rows),
    ]),
    [true, true, true],
  );
  return `<section aria-labelledby="curves">
<h2 id="curves">How it orders, and whether its probabilities are kept</h2>
<figure>${scrolling('ROC curve and calibration', curveCharts(candidate, baseline))}${key(baseline !== null)}</figure>
<details><summary>The same as tables</summary>${scrolling('ROC curve', roc)}${scrolling('Calibration', calibration)}</details>
</section>`;
}
