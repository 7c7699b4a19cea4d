/**
 * Takes the README's pictures: runs the demo, with the arguments given, and looks at its page in a real browser. The pictures are
 * taken in the first half minute after the page's address is printed, in the middle of the sale, and after its end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { printable } from '#local/console/printable.ts';
import { SALE } from '#simulator/campaigns.ts';
import { launchBrowser, whyNoBrowser, whyNoFont } from './chromium.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const DIRECTORY = join(REPOSITORY, 'docs');
const SIZE = { width: 1440, height: 810 };

/** The largest size of a picture, so that the README loads quickly. */
const MAX_PICTURE_BYTES = 300_000;

/** When the first pictures are taken, after the page's address is printed: the page must show the sale from the start. */
const FIRST_SECONDS = [1, 5, 15, 30] as const;

/** The picture in the middle of the sale is taken when this share of the sale is over. */
const MIDDLE = 0.7;

const START_MS_MAX = 120_000;
const SALE_MS_MAX = 600_000;
const LOAD_MS_MAX = 10_000;
/** Longer than any milestone stays on the screen. */
const STAGE_MS_MAX = 6_000;
const LOOK_EVERY_MS = 100;
/** The page asks for new figures once a second, so this is long enough to get those from after the sale's end. */
const LAST_ANSWER_MS = 5_000;

const PAGE = /http:\/\/127\.0\.0\.1:\d+\/(?=\s)/;
/** What the demo prints when every figure has been compared with the simulator's. */
const CONCLUDED = /Ctrl-C stops it/;

type Look = { locale: 'en' | 'zh-CN'; theme: 'dark' | 'light' };

/** Gives a function that waits until a run has printed text that matches a pattern, and returns the text that matches. */
const listener = (run: ChildProcess): ((pattern: RegExp, atMostMs: number) => Promise<string>) => {
  let said = '';
  const listen = (chunk: Buffer): void => {
    process.stderr.write(chunk);
    said += chunk.toString();
  };
  run.stdout?.on('data', listen);
  run.stderr?.on('data', listen);
  return async (pattern, atMostMs) => {
    const endMs = performance.now() + atMostMs;
    while (performance.now() < endMs) {
      const found = pattern.exec(said);
      if (found !== null) return found[0];
      if (run.exitCode !== null) throw new Error(`the run ended with ${run.exitCode}`);
      await sleep(LOOK_EVERY_MS);
    }
    throw new Error(`the run did not say ${pattern} within ${atMostMs} ms`);
  };
};

/**
 * Waits until the screen shows that this share of the sale is over. Polls from outside, because the page's policy forbids
 * Playwright's own polling, which evaluates text as a script.
 */
const reach = async (page: Page, share: number): Promise<void> => {
  const width = `document.querySelector('.zb-elapsed')?.style.width ?? '0'`;
  const endMs = performance.now() + SALE_MS_MAX;
  while (performance.now() < endMs) {
    if (Number.parseFloat(await page.evaluate<string>(width)) / 100 >= share) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`the sale did not reach ${share} of its length within ${SALE_MS_MAX} ms`);
};

/** Waits until no milestone covers the screen. */
const untilStageIsFree = async (page: Page): Promise<void> => {
  const endMs = performance.now() + STAGE_MS_MAX;
  while (performance.now() < endMs) {
    if (await page.evaluate<boolean>(`document.querySelector('#stage').hidden`)) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`a milestone covered the screen for more than ${STAGE_MS_MAX} ms`);
};

const openScreen = async (browser: Browser, url: string, { locale, theme }: Look): Promise<Page> => {
  const page = await browser.newPage({ viewport: SIZE });
  // Moving digits cannot be read in a picture.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`${url}?locale=${locale}&theme=${theme}`);
  return page;
};

/** The sale that the page shows; undefined if it shows a message or nothing. */
const saleOn = (page: Page): Promise<string | undefined> =>
  page.evaluate<string | undefined>(`document.querySelector('[data-campaign]')?.dataset.campaign`);

/** The first sale that the page shows. On a busy machine, loading it may take more than a second. */
const firstShown = async (page: Page): Promise<string | undefined> => {
  const endMs = performance.now() + LOAD_MS_MAX;
  while (performance.now() < endMs) {
    const sale = await saleOn(page);
    if (sale !== undefined) return sale;
    await sleep(LOOK_EVERY_MS);
  }
  return undefined;
};

/**
 * Pictures of the first half minute, each of which shows the sale. `printedMs` is when the address was printed, by
 * `performance.now()`.
 */
const takeFirst = async (page: Page, printedMs: number): Promise<void> => {
  const secondsNow = (): string => ((performance.now() - printedMs) / 1_000).toFixed(1);
  for (const seconds of FIRST_SECONDS) {
    await sleep(Math.max(0, printedMs + seconds * 1_000 - performance.now()));
    const sale = await firstShown(page);
    if (sale !== SALE) throw new Error(`after ${seconds} s: expected the page to show ${SALE}, got ${sale}`);
    process.stdout.write(`${secondsNow()} s after the address: `);
    await take(page, `first-minute-${seconds}s.png`);
  }
};

const take = async (page: Page, name: string): Promise<void> => {
  const path = join(DIRECTORY, name);
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > MAX_PICTURE_BYTES) {
    throw new Error(`${name}: expected at most ${MAX_PICTURE_BYTES} bytes, got ${size}`);
  }
  process.stdout.write(`docs/${name}: ${size} bytes\n`);
};

const main = async (args: readonly string[]): Promise<void> => {
  const missing = (await whyNoBrowser()) ?? whyNoFont();
  if (missing !== undefined) throw new Error(`pictures need a browser and its fonts: ${missing}`);
  mkdirSync(DIRECTORY, { recursive: true });
  const run = spawn(process.execPath, [join(REPOSITORY, 'local/start.ts'), ...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => run.once('exit', () => resolve()));
  const waitFor = listener(run);
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser();
    const url = await waitFor(PAGE, START_MS_MAX);
    const printedMs = performance.now();
    const dark = await openScreen(browser, url, { locale: 'en', theme: 'dark' });
    await takeFirst(dark, printedMs);
    await reach(dark, MIDDLE);
    await untilStageIsFree(dark);
    await take(dark, 'board-dark.png');
    await dark.close();
    await waitFor(CONCLUDED, SALE_MS_MAX);
    const light = await openScreen(browser, url, { locale: 'zh-CN', theme: 'light' });
    await sleep(LAST_ANSWER_MS);
    await take(light, 'board-light.png');
  } finally {
    await browser?.close();
    run.kill('SIGINT');
    await ended;
  }
};

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${printable((error as Error).message)}\n`);
  process.exitCode = 1;
}
