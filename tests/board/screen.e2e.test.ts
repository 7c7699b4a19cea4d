import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LOCALES } from '#domain/board/render/locale.ts';
import { renderBoard } from '#domain/board/render.ts';
import {
  axeFaults,
  figuresOn,
  launchBrowser,
  layoutFaults,
  openPage,
  SIZES,
  showFragment,
  smallestTextPx,
  whyNoBrowser,
  whyNoFont,
} from './browser.ts';
import { ENDED, FULL, UPCOMING, VIEWS } from './views.ts';

/** In pixels; larger in proportion on screens wider than 1280. */
const SMALLEST_TEXT_PX = 12;

/** The smallest movement that counts, in pixels. A digit of the largest figure is 75 pixels wide. */
const VISIBLE_PX = 0.5;

const missing = (await whyNoBrowser()) ?? whyNoFont();

describe.skipIf(missing !== undefined)(
  `the screen in a real browser${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchBrowser();
    });

    afterAll(async () => {
      await browser.close();
    });

    /** One page for all tests of a size: opening a page takes longer than most of the tests. */
    describe.each(SIZES)('at $width x $height', (size) => {
      let page: Page;
      let problems: string[];

      beforeAll(async () => {
        ({ page, problems } = await openPage(browser, size));
      });

      afterEach(() => expect(problems).toEqual([]));

      afterAll(() => page.close());

      it.each(Object.keys(VIEWS))(
        'fits, without an error, in both languages and themes (%s)',
        async (name) => {
          for (const locale of LOCALES) {
            for (const theme of ['dark', 'light'] as const) {
              await showFragment(page, renderBoard(VIEWS[name]!, { locale, theme }));
              expect(await layoutFaults(page), `${locale} ${theme}`).toEqual([]);
              expect(await smallestTextPx(page)).toBeGreaterThanOrEqual(
                (SMALLEST_TEXT_PX * Math.max(size.width, 1280)) / 1280,
              );
            }
          }
        },
      );

      it.each([
        ['to come', UPCOMING],
        ['on', FULL],
        ['over', ENDED],
      ])('has no accessibility fault, such as text of low contrast (a sale that is %s)', async (_, view) => {
        for (const locale of LOCALES) {
          for (const theme of ['dark', 'light'] as const) {
            await showFragment(page, renderBoard(view, { locale, theme }));
            expect(await axeFaults(page, '.zb'), `${locale} ${theme}`).toEqual([]);
          }
        }
      });

      it('keeps its texts and bars visible if the viewer forces colours', async () => {
        await page.emulateMedia({ forcedColors: 'active' });
        await showFragment(page, renderBoard(FULL, { locale: 'en', theme: 'dark' }));
        expect(await layoutFaults(page)).toEqual([]);
        expect(await axeFaults(page, '.zb')).toEqual([]);
        const colours = await page.evaluate<string[]>(
          `['.zb', '.zb-panel', '.zb-bar', '.zb-bar i'].map((name) => getComputedStyle(document.querySelector(name)).backgroundColor)`,
        );
        await page.emulateMedia({ forcedColors: null });
        expect(colours[0]).toBe('rgb(255, 255, 255)');
        expect(colours[1]).toBe(colours[0]);
        expect(colours[3]).not.toBe(colours[2]);
      });
    });

    it('shows the figures of the view', async () => {
      const { page } = await openPage(browser, SIZES[2]);
      await showFragment(page, renderBoard(FULL, { locale: 'zh-CN', theme: 'auto' }));
      expect(await figuresOn(page)).toMatchObject({
        'net-fen': { value: '1234567890', text: '¥1,234万' },
        orders: { value: '48213', text: '4.82万' },
        members: { value: '31904', text: '3.19万' },
        'above-line': { value: '35', text: '35' },
        doubled: { value: '1802', text: '1,802' },
        participants: { value: '8014', text: '8,014' },
        'coupons-spent-fen': { value: '31170000', text: '¥31.1万' },
        'awarded-fen': { value: '3712050', text: '¥3.71万' },
        'brand-1': { value: '96000000', text: '¥96.0\u00a0万' },
      });
      await page.close();
    });

    it('follows the viewer’s preference if the theme is auto', async () => {
      const { page } = await openPage(browser, SIZES[2]);
      await showFragment(page, renderBoard(FULL, { locale: 'en', theme: 'auto' }));
      const colour = async (colorScheme: 'dark' | 'light'): Promise<string> => {
        await page.emulateMedia({ colorScheme });
        return page.evaluate<string>(`getComputedStyle(document.querySelector('.zb')).color`);
      };
      expect(await colour('dark')).toBe('rgb(246, 244, 239)');
      expect(await colour('light')).toBe('rgb(21, 23, 28)');
      await page.close();
    });

    it('fills a widget of any shape, and one without a height of its own', async () => {
      const { page } = await openPage(browser, SIZES[2]);
      const fragment = renderBoard(FULL, { locale: 'en', theme: 'dark' });
      for (const [width, height] of [
        [1_000, 700],
        [1_280, 500],
      ]) {
        await showFragment(page, `<div style="width:${width}px;height:${height}px">${fragment}</div>`);
        expect(await layoutFaults(page), `${width} x ${height}`).toEqual([]);
      }
      await showFragment(page, `<div><div style="width:800px">${fragment}</div></div>`);
      const box = await page.locator('.zb').boundingBox();
      expect(box).toMatchObject({ width: 800, height: 450 });
      await page.close();
    });

    it('does not move while a figure grows but gains no digit', async () => {
      const { page } = await openPage(browser, SIZES[2]);
      const unitAt = async (value: number): Promise<number> => {
        const { netFen } = FULL.headline;
        const view = { ...FULL, headline: { ...FULL.headline, netFen: { ...netFen, value } } };
        await showFragment(page, renderBoard(view, { locale: 'en', theme: 'dark' }));
        return (await page.locator('.zb-huge .zb-unit').boundingBox())!.x;
      };
      const moved = Math.abs((await unitAt(1_111_111_111)) - (await unitAt(4_800_000_000)));
      expect(moved).toBeLessThan(VISIBLE_PX);
      await page.close();
    });
  },
);
