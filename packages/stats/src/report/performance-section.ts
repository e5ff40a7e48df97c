import type { Known, PerformanceReport } from '../performance/performance-report.ts';
import { ownAxes } from './axis-chart.ts';
import { scrolling, tableHtml } from './page.ts';
import { performanceSummary } from './text.ts';
import { escapeHtml, short } from './write.ts';

const STYLES = { pass: 'good', warn: 'warn', fail: 'fail', inconclusive: 'inconclusive' };

/** What the model's answers are worth, where the truth is known, beside its evaluation. */
export function performanceSection(report: PerformanceReport): string {
  const chart = ownAxes(
    'Each metric now and in the evaluation, on an axis of its own',
    report.metrics.map(({ metric, current, baseline }) => ({ name: metric, now: current, before: baseline })),
  );
  const interval = ({ value, low, high }: Known): string =>
    Number.isNaN(low) || low === high ? short(value) : `${short(value)} (${short(low)} … ${short(high)})`;
  const table = tableHtml(
    'Metrics now and in the evaluation',
    ['Metric', 'Verdict', 'Now', 'Evaluation', 'Worse by', 'Warn / fail'],
    report.metrics.map(({ metric, verdict, current, baseline, worse, warn, fail }) => [
      metric,
      `<span class="verdict ${STYLES[verdict]}">${verdict}</span>`,
      interval(current),
      interval(baseline),
      interval(worse),
      `${short(warn)} / ${short(fail)}`,
    ]),
    [false, false, true, true, true, true],
  );
  return `<section aria-labelledby="performance">
<h2 id="performance">Performance</h2>
<p>${escapeHtml(performanceSummary(report))}</p>
<figure>${scrolling('Chart of the performance', chart)}
<figcaption><span class="key dot"></span>now<span class="key diamond"></span>evaluation</figcaption></figure>
${scrolling('Performance', table)}
</section>`;
}
