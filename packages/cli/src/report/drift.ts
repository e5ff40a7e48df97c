import type { DriftReport, FeatureDrift } from '@tidegate/stats';
import { distribution, short } from './distribution.ts';
import type { ChapterFact } from './facts.ts';
import { count } from './gate.ts';
import { html, table, type Html } from './html.ts';

/** Per feature, the training data and production drawn over each other, strongest effect first. */
export function driftSection(chapters: readonly ChapterFact[]): Html {
  const report = chapters.map(driftOf).find((each) => each !== undefined);
  if (report === undefined) return html``;
  const { verdict, features, rows } = report;
  return html`<section aria-labelledby="drift">
    <h2 id="drift">How production differs from the training data</h2>
    <p>
      Verdict: <strong class="${tone(verdict)}">${word(verdict)}</strong>, from ${count(rows.current)}
      captured requests against ${count(rows.baseline)} rows of training data.
    </p>
    <div class="legend">
      <span><i style="background:var(--before)"></i>training data</span
      ><span><i style="background:var(--b)"></i>production</span>
    </div>
    <div class="small">${features.map(feature)}</div>
    ${table(
      'Every feature, strongest effect first',
      ['Feature', 'Measure', 'Value', 'Warns at', 'Fails at', 'Samples', 'Verdict'],
      features.map(({ name, measure, value, warn, fail, samples, verdict: of }) => [
        name,
        measure,
        short(value),
        String(warn),
        String(fail),
        count(samples.current),
        html`<span class="${tone(of)}">${word(of)}</span>`,
      ]),
    )}
  </section>`;
}

/** The drift report that a chapter's actions left, itself or as a part of check-drift's own. */
export function driftOf({ reports }: ChapterFact): DriftReport | undefined {
  return Object.values(reports)
    .flatMap((report) => [report, (report as { report?: unknown } | null)?.report])
    .find((report): report is DriftReport =>
      Array.isArray((report as Partial<DriftReport> | null)?.features),
    );
}

function feature(drift: FeatureDrift): Html {
  const { name, measure, value, verdict, reason } = drift;
  return html`<figure>
    <figcaption>
      <b>${name}</b> ${measure} ${short(value)}, <span class="${tone(verdict)}">${word(verdict)}</span>
    </figcaption>
    ${distribution(drift)}
    ${reason.startsWith(measure) ? undefined : html`<div class="soft ends">${reason}</div>`}
  </figure>`;
}

function word(verdict: DriftReport['verdict']): string {
  return { fail: 'drift', warn: 'drifting', inconclusive: 'undecided', none: 'none' }[verdict];
}

function tone(verdict: DriftReport['verdict']): string {
  return { fail: 'bad', warn: 'warn', inconclusive: 'soft', none: 'good' }[verdict];
}
