import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import {
  driftReportHtml,
  evaluatePredictions,
  evaluationReportHtml,
  labelJoin,
  performanceDrift,
  type DriftReport,
} from '@tidegate/stats';
import { inBrowser, launch, openPage, screens } from './open-page.ts';

/** Rows that two models are asked, the candidate knowing more; one slice is small and one has a hostile name. */
const rows = 4000;
const part = (row: number, step: number): number => (row * step) % 1;
const labels = Float64Array.from({ length: rows }, (_, row) => (part(row, 0.7548777) < 0.4 ? 1 : 0));
const scoresOf = (skill: number, step: number): Float64Array =>
  labels.map((label, row) => 0.05 + 0.9 * (skill * label + (1 - skill) * part(row, step)));
const origins = ['DEN', 'LAX', 'SFO', 'an airport with a very long name', '<img src=x onerror=alert(1)>'];
const origin = labels.map((_, row) => (row < 20 ? 5 : row % 5));
const evaluation = evaluatePredictions(
  { labels, scores: scoresOf(0.4, 0.618034) },
  {
    metrics: ['roc-auc', 'log-loss', 'brier', 'calibration-error', 'accuracy', 'f1'],
    baseline: scoresOf(0.3, 0.5698403),
    slices: { origin: Array.from(origin, (code) => origins[code] ?? undefined) },
    resamples: 100,
  },
);
const page = () =>
  evaluationReportHtml(evaluation, { title: 'flight-delay, April', baselineTitle: 'live (v12)' });
const [desk] = screens;
let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => await browser.close());

inBrowser.each(screens)('the evaluation page reads well on $width px, $colorScheme', async (screen) => {
  await using opened = await openPage(browser, page(), screen);
  expect(await opened.stumbles()).toEqual([]);
  expect(opened.complaints).toEqual([]);
});

inBrowser(
  'the evaluation page says first how the model stands, and names every section, picture and table',
  async () => {
    await using opened = await openPage(browser, page(), desk);
    const { page: shown } = opened;
    expect(await shown.locator('h1').textContent()).toMatch(
      /^roc-auc 0\.\d+ \(0\.\d+ … 0\.\d+\), better than live \(v12\)’s 0\.\d+$/,
    );
    const names = ['Metrics', 'roc-auc by origin', 'How it orders, and whether its probabilities are kept'];
    expect(await shown.locator('h2').allTextContents()).toEqual(names);
    for (const name of names)
      expect(await shown.getByRole('region', { name, exact: true }).count()).toBeGreaterThan(0);
    expect(await shown.getByRole('img').count()).toBe(3);
    await shown.locator('summary').first().click();
    const cells = await shown.getByRole('row', { name: /^DEN / }).getByRole('cell').allTextContents();
    expect(cells.slice(0, 2)).toEqual(['796', expect.stringMatching(/^0\.\d+ \(0\.\d+ … 0\.\d+\)$/)]);
  },
);

inBrowser('each metric is drawn within its axis, both models with their intervals', async () => {
  await using opened = await openPage(browser, page(), desk);
  const chart = opened.page.getByRole('img', { name: /^Each metric with its 95 % interval/ });
  const titles = await chart.locator('title').allTextContents();
  expect(titles).toHaveLength(12);
  expect(titles[1]).toMatch(/^roc-auc: 0\.\d+ \(0\.\d+ … 0\.\d+\)$/);
  const outside = await chart.evaluate((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('circle, path, line')].filter((mark) => {
      const { left, right } = mark.getBoundingClientRect();
      return left < frame.left || right > frame.right;
    }).length;
  });
  expect(outside).toBe(0);
});

inBrowser('markup in the data stays text, and the page prints', async () => {
  await using opened = await openPage(browser, page(), desk);
  expect(await opened.page.locator('img, script').count()).toBe(0);
  const pdf = await opened.page.pdf({ format: 'A4' });
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
});

inBrowser.each(screens)(
  'the drift page with a performance section reads well on $width px, $colorScheme',
  async (screen) => {
    const facts = JSON.parse(readFileSync(path.join(import.meta.dirname, 'facts.json'), 'utf8')) as {
      chapters: { reports: Record<string, { report: DriftReport }> }[];
    };
    const { report } = facts.chapters.flatMap(({ reports }) => reports['drift-flight-delay'] ?? [])[0]!;
    const { counts } = labelJoin().joined();
    const baseline = { rows: { labels, scores: scoresOf(0.4, 0.618034) } };
    const performance = performanceDrift({ labels, scores: scoresOf(0.1, 0.5698403), counts }, baseline, {
      resamples: 50,
    });
    await using opened = await openPage(browser, driftReportHtml(report, { performance }), screen);
    expect(await opened.stumbles()).toEqual([]);
    expect(opened.complaints).toEqual([]);
    expect(await opened.page.getByRole('region', { name: 'Performance', exact: true }).count()).toBe(1);
  },
);
