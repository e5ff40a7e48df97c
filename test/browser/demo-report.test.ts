import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Facts } from '@tidegate/cli';
import { renderReport } from '../../packages/cli/src/report/render.ts';
import { inBrowser, launch, openPage, screens } from './open-page.ts';

/** What `tidegate demo --json` wrote, shortened: three slices a gate, six in the comment. */
const facts = JSON.parse(readFileSync(path.join(import.meta.dirname, 'facts.json'), 'utf8')) as Facts;
const [desk] = screens;
let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => await browser.close());

inBrowser.each(screens)('the report reads well on $width px, $colorScheme', async (screen) => {
  await using opened = await openPage(browser, renderReport(facts), screen);
  expect(await opened.stumbles()).toEqual([]);
  expect(opened.complaints).toEqual([]);
});

inBrowser('every section, picture and table of the report has a name', async () => {
  await using opened = await openPage(browser, renderReport(facts), desk);
  const { page } = opened;
  expect(await page.title()).toBe(
    'Tidegate: 5 changes came to what they should have, and no request was lost',
  );
  const names = await page
    .locator('section')
    .evaluateAll((sections) => sections.map((section) => section.querySelector('h2')?.textContent));
  expect(names).toEqual([
    'What happened when',
    'What the gate decided',
    'The pull request’s one comment',
    'How production differs from the training data',
    'Where each version comes from',
    'What it would cost on AWS',
  ]);
  for (const name of names)
    expect(await page.getByRole('region', { name: name!, exact: true }).count()).toBe(1);
  expect(await page.getByRole('img', { name: /^Traffic share of each version/ }).count()).toBe(1);
  const captions = await page
    .locator('table:not(.plain)')
    .evaluateAll((tables) => tables.map((each) => each.querySelector('caption')?.textContent?.trim() ?? ''));
  expect(captions).not.toContain('');
});

inBrowser('what the report says of the demo is what happened', async () => {
  await using opened = await openPage(browser, renderReport(facts), desk);
  const { page } = opened;
  const verdicts = await page
    .locator('table')
    .first()
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('th, .verdict')].map((cell) => cell.textContent?.trim())),
    );
  expect(verdicts).toEqual([
    ['1 First model', 'gate pass', 'deploy promoted'],
    ['2 Drop a feature', 'gate fail'],
    ['3 Tidy inference.py', 'gate pass', 'deploy rolled-back'],
    ['4 Revert "Tidy inference.py"', 'gate pass', 'deploy no-op'],
    ['5 Spring', 'drift drift', 'gate pass', 'deploy promoted'],
  ]);
  const timeline = page.getByRole('region', { name: 'What happened when' });
  expect(await timeline.locator('title', { hasText: '10 % of the traffic' }).count()).toBe(2);
  expect(await timeline.locator('title', { hasText: 'flight-delay-5xx rang from' }).count()).toBe(1);
  const comment = page.getByRole('region', { name: 'The pull request’s one comment' });
  expect(await comment.locator('h3').textContent()).toBe('✗ flight-delay: not good enough for production');
  expect(await comment.locator('details table tbody tr').count()).toBe(6);
});

inBrowser('markup in names and comments stays text', async () => {
  const [first, ...others] = facts.chapters;
  const hostile = {
    ...first!,
    title: '<img src=x onerror=alert(1)>',
    comment: '<script>alert(2)</script> [x](javascript:alert(3))',
  };
  await using opened = await openPage(
    browser,
    renderReport({ ...facts, chapters: [hostile, ...others] }),
    desk,
  );
  expect(await opened.page.locator('img, script, a[href^="javascript"]').count()).toBe(0);
  expect(await opened.page.getByText('<script>alert(2)</script>').count()).toBe(1);
  expect(opened.complaints).toEqual([]);
});

inBrowser('the report prints', async () => {
  await using opened = await openPage(browser, renderReport(facts), desk);
  const pdf = await opened.page.pdf({ format: 'A4' });
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(pages).toBeGreaterThan(2);
  expect(pages).toBeLessThan(12);
});
