/** Finds and starts a real browser, if one is installed, to test the live screen and to take pictures of it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Debian's Chromium, or another one that the environment variable CHROMIUM names. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** No sandbox, because tests run as root in containers and open only our own pages; and no background calls to the network. */
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

/** Why there is no browser to open; undefined if there is one. */
export const whyNoBrowser = async (): Promise<string | undefined> => {
  if (!existsSync(CHROMIUM)) return `no browser at ${CHROMIUM}`;
  const installed = await import('playwright-core').then(
    () => true,
    () => false,
  );
  return installed ? undefined : 'playwright-core is not installed';
};

/** A font with Chinese characters. Layouts are tested and pictured with it and with Inter, which comes with the page. */
const CHINESE_FONT = 'Noto Sans CJK SC';

/** Why a layout cannot be tested here; undefined if it can. Texts in another font would have another width. */
export const whyNoFont = (): string | undefined => {
  const installed = spawnSync('fc-list', [':', 'family'], { encoding: 'utf8' }).stdout ?? '';
  const families = new Set(installed.split('\n').flatMap((line) => line.split(',')));
  return families.has(CHINESE_FONT) ? undefined : `no font ${CHINESE_FONT}`;
};

export const launchBrowser = async (): Promise<Browser> => {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
};
