import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { driftReportHtml, type DriftReport } from '@tidegate/stats';
import { inBrowser, launch, openPage, screens } from './open-page.ts';

const facts = JSON.parse(readFileSync(path.join(import.meta.dirname, 'facts.json'), 'utf8')) as {
  chapters: { reports: Record<string, { report: DriftReport }> }[];
};
const report = facts.chapters.flatMap(({ reports }) => reports['drift-flight-delay'] ?? [])[0]!.report;
const page = () => driftReportHtml(report, { title: 'flight-delay, 23 December' });
const [desk] = screens;
let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => await browser.close());

inBrowser.each(screens)('the drift page reads well on $width px, $colorScheme', async (screen) => {
  await using opened = await openPage(browser, page(), screen);
  expect(await opened.stumbles()).toEqual([]);
  expect(opened.complaints).toEqual([]);
});

inBrowser(
  'the drift page says first what drifted, and shows every feature with both distributions',
  async () => {
    await using opened = await openPage(browser, page(), desk);
    expect(await opened.page.locator('h1').textContent()).toBe(
      '✕ Drift: origin_delays_yesterday is no longer distributed as in the baseline',
    );
    const names = report.features.map(({ name }) => name);
    expect(await opened.page.locator('h2').allTextContents()).toEqual(names);
    for (const name of names)
      expect(
        await opened.page
          .getByRole('img', { name: new RegExp(`^Shares of (the values of )?${name}\\b`) })
          .count(),
      ).toBe(1);
  },
);
