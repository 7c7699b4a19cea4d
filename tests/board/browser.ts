/** A real browser for tests and for screenshots, where there is one. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

/** Debian's Chromium. Another one can be named by the environment. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** No sandbox, because tests run as root in containers; and nothing that asks the network for anything. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why there is no browser to test in; undefined where there is one. Decided before any test, so that a skipped one says why. */
export const whyNoBrowser = async (): Promise<string | undefined> => {
  if (!existsSync(CHROMIUM)) return `no browser at ${CHROMIUM}`;
  const installed = await import('playwright-core').then(
    () => true,
    () => false,
  );
  return installed ? undefined : 'playwright-core is not installed';
};

/** The fonts that layouts are tested with: the first of the screen's own, and one with Chinese characters. */
const FONTS = ['Inter', 'Noto Sans CJK SC'];

/** Why a layout cannot be tested here; undefined where it can. Another font is as wide as it likes. */
export const whyNoFonts = (): string | undefined => {
  const installed = spawnSync('fc-list', [':', 'family'], { encoding: 'utf8' }).stdout ?? '';
  const families = new Set(installed.split('\n').flatMap((line) => line.split(',')));
  const absent = FONTS.filter((family) => !families.has(family));
  return absent.length === 0 ? undefined : `no font ${absent.join(', ')}`;
};

export const launchBrowser = async (): Promise<Browser> => {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
};

export const SIZES = [
  { width: 1280, height: 720 },
  { width: 3840, height: 2160 },
] as const;

/** A page that keeps what it was told is wrong: errors on the console, in scripts, and requests that failed. */
export const openPage = async (
  browser: Browser,
  viewport: { width: number; height: number },
): Promise<{ page: Page; problems: string[] }> => {
  const page = await browser.newPage({ viewport });
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
  return { page, problems };
};

/** A document around a fragment, as small as CloudWatch's own is large. */
export const documentOf = (fragment: string): string =>
  `<!doctype html><meta charset="utf-8"><style>html,body{margin:0;height:100%}</style><body>${fragment}`;

/** What a page says of its own layout is found by a script in the page, and no part of the screen. */
const IN_PAGE = readFileSync(new URL('./in-page.js', import.meta.url), 'utf8');

const ask = async <Answer>(page: Page, question: string): Promise<Answer> =>
  page.evaluate<Answer>(`{${IN_PAGE}}\nboardLayout.${question}()`);

/** Every place where something is wider than its box, sticks out of its card or lies on another text; a line for each. */
export const layoutFaults = async (page: Page): Promise<string[]> => ask(page, 'layoutFaults');

/** The size in pixels of the smallest text that can be seen. */
export const smallestTextPx = async (page: Page): Promise<number> => ask(page, 'smallestText');

/** What the screen says, by the names under which figures are marked. */
export const figuresOn = async (page: Page): Promise<Record<string, { value: string; text: string }>> =>
  ask(page, 'figures');
