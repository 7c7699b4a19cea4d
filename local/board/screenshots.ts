/**
 * Takes the README's pictures: runs the demo, with the arguments given, and looks at its page in a real browser, in the middle
 * of the sale and after its end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { SALE } from '#events/simulator/campaigns.ts';
import { launchBrowser, whyNoBrowser, whyNoFonts } from './chromium.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const DIRECTORY = join(REPOSITORY, 'docs');
const SIZE = { width: 1440, height: 810 };

/** What a README may ask of whoever opens it. */
const MAX_PICTURE_BYTES = 300_000;

/** The share of the sale after which the first picture is taken. */
const MIDDLE = 0.7;

const START_MS_MAX = 120_000;
const SALE_MS_MAX = 600_000;
const LOOK_EVERY_MS = 500;
/** Figures that have stayed for this long after the end are the final ones. */
const STEADY_MS = 8_000;

type Look = { locale: 'en' | 'zh-CN'; theme: 'dark' | 'light' };
type State = { share: number; isOver: boolean; figures: string };

/** The page's address, as soon as the run says it. */
const addressOf = (run: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      process.stderr.write(chunk);
      said += chunk.toString();
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/(?=\s)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    };
    run.stdout?.on('data', listen);
    run.stderr?.on('data', listen);
    run.once('exit', (status) => reject(new Error(`the run ended with ${status} before its page was there`)));
    setTimeout(() => reject(new Error(`no page after ${START_MS_MAX} ms`)), START_MS_MAX).unref();
  });

/** How far the sale is by the screen itself; undefined before the sale is opened. */
const stateOf = async (page: Page): Promise<State | undefined> =>
  (await page.evaluate<State | null>(`(() => {
    const root = document.querySelector('.zb');
    if (root === null) return null;
    return {
      share: Number.parseFloat(root.querySelector('.zb-elapsed').style.width) / 100,
      isOver: root.querySelector('.zb-phase-ended') !== null,
      figures: root.dataset.netFen + ' ' + root.dataset.orders + ' ' + root.dataset.watermarkMs,
    };
  })()`)) ?? undefined;

/** Waits until the screen is as it should be. Throws where that takes longer than any sale. */
const until = async (page: Page, isReached: (state: State) => boolean): Promise<void> => {
  const endMs = performance.now() + SALE_MS_MAX;
  while (performance.now() < endMs) {
    const state = await stateOf(page);
    if (state !== undefined && isReached(state)) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`the sale was not over after ${SALE_MS_MAX} ms`);
};

/** Reached once the sale is over and its figures have not changed for a while. */
const settled = (): ((state: State) => boolean) => {
  let last = '';
  let sinceMs = 0;
  return ({ isOver, figures }) => {
    if (!isOver || figures !== last) {
      last = figures;
      sinceMs = performance.now();
    }
    return isOver && performance.now() - sinceMs >= STEADY_MS;
  };
};

const openScreen = async (browser: Browser, url: string, { locale, theme }: Look): Promise<Page> => {
  const page = await browser.newPage({ viewport: SIZE });
  await page.goto(`${url}?campaign=${SALE}&locale=${locale}&theme=${theme}`);
  return page;
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
  const missing = (await whyNoBrowser()) ?? whyNoFonts();
  if (missing !== undefined) throw new Error(`pictures need a browser and its fonts: ${missing}`);
  mkdirSync(DIRECTORY, { recursive: true });
  const run = spawn(process.execPath, [join(REPOSITORY, 'local/start.ts'), ...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => run.once('exit', () => resolve()));
  let browser: Browser | undefined;
  try {
    const url = await addressOf(run);
    browser = await launchBrowser();
    const dark = await openScreen(browser, url, { locale: 'en', theme: 'dark' });
    await until(dark, ({ share }) => share >= MIDDLE);
    await take(dark, 'board-dark.png');
    await dark.close();
    const light = await openScreen(browser, url, { locale: 'zh-CN', theme: 'light' });
    await until(light, settled());
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
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
