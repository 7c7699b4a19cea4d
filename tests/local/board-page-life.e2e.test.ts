import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lookOf } from '#domain/board/look.ts';
import { renderMessage } from '#domain/board/message.ts';
import { renderBoard } from '#domain/board/render.ts';
import { parseRequest } from '#domain/board/request.ts';
import type { BoardView } from '#domain/board/view.ts';
import type { Reject } from '#domain/intake/rejects.ts';
import { type BoardServer, startBoardServer } from '#local/board/server.ts';
import { axeFaults, launchBrowser, openPage, SIZES, whyNoBrowser } from '../board/browser.ts';
import { FULL, UPCOMING } from '../board/views.ts';

const VIEWPORT = { width: 1_280, height: 720 };
/** How long to wait for an answer; one comes each second. */
const ANSWERED = { timeout: 10_000 };
/** A transition ends within this time. */
const MOVED_MS = 1_000;

const missing = await whyNoBrowser();

const REJECT: Reject = {
  id: 'r1',
  reason: 'bad-format',
  field: 'data.amountFen',
  message: 'data.amountFen: expected an integer, got "<b>5</b>"',
  receivedAt: '2026-11-10T16:00:00.000Z',
  event: { id: 'e1', data: { amountFen: '<b>5</b>' } },
};

/** The same sale a moment later: more is sold, the sixth brand is third now, and two more brands have reached their milestone. */
const later = (view: BoardView): BoardView => {
  const leaders = [...view.brands.leaders];
  [leaders[2], leaders[5]] = [{ ...leaders[5]!, netFen: 53_000_000 }, leaders[2]!];
  return {
    ...view,
    headline: { ...view.headline, netFen: { value: 1_267_567_890, lastYear: 893_400_000 } },
    brands: { ...view.brands, leaders },
    milestones: [
      ...view.milestones,
      { kind: 'brand-line', brand: 'lululemon', atMs: view.nowMs },
      { kind: 'brand-line', brand: 'Muji', atMs: view.nowMs + 1 },
    ],
  };
};

describe.skipIf(missing !== undefined)(
  `the page in a browser${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let browser: Browser;
    let server: BoardServer;
    let view: BoardView | undefined;
    let page: Page;
    let problems: string[];

    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());

    beforeEach(async () => {
      view = FULL;
      server = await startBoardServer(
        0,
        async (parameters) => {
          const asked = parseRequest(parameters);
          if (asked.kind !== 'board') throw new Error('expected a board to be asked for');
          const look = lookOf(asked.request, view?.display, Date.now());
          return {
            ok: true,
            html:
              view === undefined
                ? renderMessage({ kind: 'no-campaign' }, look.locale)
                : renderBoard(view, look),
          };
        },
        async () => ({ first: [REJECT], count: 7 }),
      );
      ({ page, problems } = await openPage(browser, VIEWPORT));
      await page.goto(`${server.url}?locale=en&theme=dark`);
      await page.waitForSelector('[data-campaign]');
    });
    afterEach(async () => {
      expect(problems).toEqual([]);
      await page.close();
      await server.stop();
    });

    const isHidden = (selector: string): Promise<boolean> =>
      page.evaluate<boolean>(`document.querySelector(${JSON.stringify(selector)}).hidden`);
    const textOf = (selector: string): Promise<string> =>
      page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`);
    /** Polls from outside the page, because the page's security policy forbids evaluating scripts in it. */
    const until = (condition: string): Promise<void> =>
      expect.poll(() => page.evaluate(condition), { ...ANSWERED, interval: 20 }).toBe(true);
    const rowOf = (brand: string) => page.locator(`[data-key="brand:${brand}"]`);

    it('rolls digits to a new figure, and then shows the figure as plain text again', async () => {
      view = later(FULL);
      await page.waitForSelector('.zb-huge .roll', { ...ANSWERED, state: 'attached' });
      // A screen reader reads only the new digits: the digits that roll past are hidden from it.
      const read = await page.evaluate<string>(
        `[...document.querySelectorAll('.zb-huge .reel')].map((reel) => reel.firstChild.nodeValue).join('')`,
      );
      expect(read).toBe('67');
      view = { ...view, nowMs: view.nowMs + 1_000 };
      await until(`document.querySelector('.roll') === null`);
      expect(await textOf('.zb-huge')).toBe('¥12.67M');
    });

    it('moves a row that overtakes others, and keeps its element', async () => {
      const row = await rowOf('Nike').elementHandle();
      const before = (await row!.boundingBox())!.y;
      view = later(FULL);
      await until(`document.querySelectorAll('[data-key="brand:Nike"]')[0].getAnimations().length > 0`);
      await page.waitForTimeout(MOVED_MS);
      expect(await row!.evaluate((element) => element.isConnected)).toBe(true);
      expect((await row!.boundingBox())!.y).toBeLessThan(before);
      expect(await rowOf('Nike').locator('.zb-rank').textContent()).toBe('3');
    });

    it('covers the screen for four seconds with milestones that come at the same time, and announces them', async () => {
      expect(await isHidden('#stage')).toBe(true);
      view = later(FULL);
      await page.waitForSelector('#stage:not([hidden])', ANSWERED);
      expect(await textOf('#stage .who')).toBe('Muji');
      expect(await textOf('#announcer')).toBe('Muji crossed ¥100\u00a0K with lululemon');
      await page.waitForTimeout(3_000);
      expect(await isHidden('#stage')).toBe(false);
      await page.waitForSelector('#stage', { ...ANSWERED, state: 'hidden' });
      // For a while no further milestone is shown, so that what the first ones covered can be read.
      const milestones = [
        ...view.milestones,
        { kind: 'brand-line', brand: 'Aesop', atMs: view.nowMs + 2 } as const,
      ];
      view = { ...view, milestones, nowMs: view.nowMs + 1_000 };
      await page.waitForTimeout(2_500);
      expect(await isHidden('#stage')).toBe(true);
    });

    it('moves nothing for viewers who prefer reduced motion, and shows them the same content', async () => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      view = later(FULL);
      await page.waitForSelector('#stage:not([hidden])', ANSWERED);
      expect(await page.locator('.roll').count()).toBe(0);
      expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
      expect(await textOf('.zb-huge')).toBe('¥12.67M');
    });

    it('names the sale and its most important figure in the tab', async () => {
      expect(await page.title()).toBe('¥12.34M · double-eleven-2026');
      view = { ...UPCOMING, display: { name: 'Double 11', currency: 'USD' } };
      await until(`document.title === '01:30 · Double 11'`);
    });

    it('is set in the typeface Inter, which its own server provides', async () => {
      await until(
        `[...document.fonts].some(({ family, status }) => family === 'Inter' && status === 'loaded')`,
      );
      const served = await page.evaluate<string[]>(
        `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((path) => path.endsWith('.woff2'))`,
      );
      expect(served).toContain('/inter/files/inter-latin-wght-normal.woff2');
    });

    it('speaks the sale’s language, else the browser’s, until another one is chosen', async () => {
      await page.goto(server.url);
      await page.waitForSelector('.zb[lang="en"]');
      view = { ...FULL, display: { locale: 'zh-CN' } };
      await page.waitForSelector('.zb[lang="zh-CN"]', ANSWERED);
      expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN');
      await page.keyboard.press('l');
      await page.waitForSelector('.zb[lang="en"]', ANSWERED);
      expect(new URL(page.url()).searchParams.get('locale')).toBe('en');
      const chinese = await browser.newPage({ locale: 'zh-CN' });
      view = FULL;
      await chinese.goto(server.url);
      await chinese.waitForSelector('.zb[lang="zh-CN"]');
      await chinese.close();
    });

    it('links the number of refused events to a list of them', async () => {
      view = { ...FULL, health: { atMs: FULL.nowMs, rejects: 7, deadLetters: 0 } };
      await page.getByRole('link', { name: '7 events refused' }).click(ANSWERED);
      await page.getByText('1 of 7').waitFor();
      expect(await textOf('td:nth-child(3)')).toBe(REJECT.message);
      expect(await axeFaults(page)).toEqual([]);
      await page.setViewportSize(SIZES[0]);
      expect(
        await page.evaluate<boolean>(
          'document.documentElement.scrollWidth <= document.documentElement.clientWidth',
        ),
      ).toBe(true);
      await page.getByRole('link', { name: 'Back to the screen' }).click();
      await page.waitForSelector('[data-campaign]');
    });

    it('lists its keyboard shortcuts when the pointer moves', async () => {
      const opacity = (): Promise<string> =>
        page.evaluate<string>(`getComputedStyle(document.querySelector('#controls')).opacity`);
      expect(await opacity()).toBe('0');
      await page.mouse.move(300, 300);
      expect(await opacity()).toBe('1');
      expect(await page.locator('#controls kbd').allTextContents()).toEqual(['L', 'T', 'F']);
    });

    it.each(SIZES)('is accessible and needs no sideways scrolling at $width x $height', async (size) => {
      await page.setViewportSize(size);
      for (const theme of ['dark', 'light'] as const) {
        await until(`getComputedStyle(document.querySelector('.zb')).colorScheme === '${theme}'`);
        expect(await axeFaults(page), theme).toEqual([]);
        const isWithin = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth';
        expect(await page.evaluate<boolean>(isWithin)).toBe(true);
        await page.keyboard.press('t');
      }
    });
  },
);
