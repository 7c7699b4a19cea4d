/** A real browser, for tests of the live screen and for pictures of it, where there is one. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Debian's Chromium. Another one can be named by the environment. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** No sandbox, because tests run as root in containers, on pages of our own; and nothing that asks the network for anything. */
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

/** Why there is no browser to open; undefined where there is one. */
export const whyNoBrowser = async (): Promise<string | undefined> => {
  if (!existsSync(CHROMIUM)) return `no browser at ${CHROMIUM}`;
  const installed = await import('playwright-core').then(
    () => true,
    () => false,
  );
  return installed ? undefined : 'playwright-core is not installed';
};

/** The fonts that layouts are tested and pictured with: the first of the screen's own, and one with Chinese characters. */
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
