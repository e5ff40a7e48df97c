import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';

const executablePath = process.env['TIDEGATE_CHROMIUM'] ?? '/usr/bin/chromium';
const look = readFileSync(path.join(import.meta.dirname, 'look.js'), 'utf8');

/** Where there is no Chromium the tests are skipped by name; in CI it has to be there. */
export const inBrowser = process.env['CI'] !== undefined || existsSync(executablePath) ? test : test.skip;

/** Widths and colours a reader may have. */
export const screens = [
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const;

export async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

export type OpenPage = {
  page: Page;
  /** Addresses that were asked for beside the page itself, and what was said on the console. */
  complaints: string[];
  /** What an eye would stumble over: contrast, tiny or overlapping labels, a page wider than the screen. */
  stumbles(): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Opens a page that is one file, as its reader would. */
export async function openPage(
  browser: Browser,
  html: string,
  screen: (typeof screens)[number],
): Promise<OpenPage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-page-'));
  const file = path.join(folder, 'page.html');
  writeFileSync(file, html);
  const page = await browser.newPage({
    viewport: { width: screen.width, height: 900 },
    colorScheme: screen.colorScheme,
  });
  const address = pathToFileURL(file).href;
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== address) complaints.push(`asks for ${request.url()}`);
  });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  return {
    page,
    complaints,
    async stumbles() {
      for (const summary of await page.locator('summary').all()) await summary.click();
      return await page.evaluate<string[]>(look);
    },
    async [Symbol.asyncDispose]() {
      await page.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
