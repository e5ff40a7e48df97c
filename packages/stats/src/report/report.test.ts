import { expect, test } from '@jest/globals';
import type { DriftReport } from '../drift/drift-report.ts';
import { drift } from '../drift/drift.ts';
import { seeded } from '../math/random.ts';
import { profile } from '../profile/profile.ts';
import { numberColumn, tableOf, textColumn } from '../table.ts';
import { driftReportHtml } from './html.ts';
import { driftSummary, driftTable } from './text.ts';

function report(shift: number): DriftReport {
  const random = seeded(1);
  const sample = (rows: number, by: number): ReturnType<typeof profile> =>
    profile(
      tableOf([
        numberColumn(
          'distance',
          Float64Array.from({ length: rows }, () => 100 * random.next() + by),
        ),
        numberColumn(
          'hour',
          Float64Array.from({ length: rows }, () => random.below(18)),
        ),
        textColumn(
          '<img src=x onerror=alert(1)> & "origin"',
          Array.from(
            { length: rows },
            () => ['DEN', 'LAX', '</svg><script>alert(2)</script>'][random.below(3)],
          ),
        ),
      ]),
    );
  return drift(sample(4000, 0), sample(2500, shift));
}

test('the page leads with the verdict, features by effect, each drawn and as a table', () => {
  const page = driftReportHtml(report(60), { title: 'flight-delay, 3 June' });
  expect(page).toContain('Drift: distance is no longer distributed as in the baseline');
  expect(page).toContain('2,500 rows compared with 4,000 of the baseline.');
  expect(page.match(/<section /g)).toHaveLength(3);
  expect(page.match(/<svg [^>]*role="img" aria-label="/g)).toHaveLength(3);
  expect(page.match(/<summary>The same as a table<\/summary>/g)).toHaveLength(3);
  expect(page.indexOf('<h2>distance')).toBeLessThan(page.indexOf('<h2>hour'));
});

test('nothing of the data becomes markup, and nothing is loaded', () => {
  const page = driftReportHtml(report(60), { title: '<b>title</b>' });
  expect(page).not.toMatch(/<script|<img|<b>|<\/svg><|https?:|@import|url\(/);
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;origin&quot;');
});

test('every number drawn is a number', () => {
  for (const shift of [0, 60, 1e6, Number.NaN, Infinity]) {
    expect(driftReportHtml(report(shift))).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test('a line and a table say the same for a log', () => {
  expect(driftSummary(report(0))).toBe('drift none: 3 features, 2,500 rows against 4,000 of the baseline');
  expect(driftSummary(report(60))).toMatch(
    /^drift fail: distance \(psi [\d.]+ reaches 0\.2\); 2,500 rows against 4,000 of the baseline$/,
  );
  const [header, first] = driftTable(report(60)).split('\n');
  expect(header).toMatch(/^feature +verdict +value +warn \/ fail$/);
  expect(first).toMatch(/^distance +fail +psi [\d.]+ +0\.1 \/ 0\.2 +psi [\d.]+ reaches 0\.2$/);
});
