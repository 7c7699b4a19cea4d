import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, whyNoBrowser } from '../board/browser.ts';
import { PAGES } from './pages.ts';

/** Mermaid in one file without dependencies: the same grammar, without mind maps, architecture diagrams and formulas. */
const MERMAID = fileURLToPath(
  new URL('../../node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js', import.meta.url),
);

/** GitHub shows a diagram as wide as the text of a page, and its words must be larger than the smallest legible text there. */
const PAGE_WIDTH_PX = 830;
const SMALLEST_TEXT_PX = 11;
const VIEWPORT = { width: 1280, height: 900 };

type Diagram = { where: string; source: string };

const DIAGRAMS: readonly Diagram[] = PAGES.flatMap(({ path, text }) =>
  [...text.matchAll(/^```mermaid\n([\s\S]*?)^```/gm)].map(([, source], index) => ({
    where: `${path} ${index + 1}`,
    source: source!,
  })),
);

/** The words that a reader of the diagram has to find in it: those in brackets and between bars. */
const labelsOf = (source: string): string[] =>
  [...source.matchAll(/\|([^|]+)\||[[(]"?([^[\]()"]+)"?[\])]/g)]
    .flatMap(([, edge, node]) => (edge ?? node)!.split('<br/>'))
    .map((label) => label.trim());

/** What can be read in the picture that the page draws, or the reason why it draws none. */
type Drawn = { text: string; textPx: number; isCut: boolean } | { mistake: string };

const draw = async (page: Page, source: string, theme: 'default' | 'dark'): Promise<Drawn> =>
  page.evaluate<Drawn>(`(async () => {
    mermaid.initialize({ startOnLoad: false, theme: ${JSON.stringify(theme)} });
    try {
      const { svg } = await mermaid.render('diagram', ${JSON.stringify(source)});
      document.body.innerHTML = svg;
    } catch ({ message }) {
      return { mistake: message };
    }
    const svg = document.querySelector('svg');
    const boxes = [...svg.querySelectorAll('foreignObject')].filter(({ firstElementChild }) => firstElementChild);
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const sizes = boxes.map(({ firstElementChild }) => parseFloat(getComputedStyle(firstElementChild).fontSize));
    return {
      text: document.body.innerText,
      textPx: scale * Math.min(...sizes),
      isCut: boxes.some(({ firstElementChild: text }) => text.scrollWidth > text.clientWidth + 1),
    };
  })()`);

const missing =
  (await whyNoBrowser()) ?? (existsSync(MERMAID) ? undefined : '@mermaid-js/tiny is not installed');

describe.skipIf(missing !== undefined)(
  `the diagrams of README and docs in a real browser${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchBrowser();
    });

    afterAll(async () => {
      await browser.close();
    });

    const open = async () => {
      const opened = await openPage(browser, VIEWPORT);
      await opened.page.setContent(
        `<!doctype html><meta charset="utf-8"><body style="width: ${PAGE_WIDTH_PX}px">`,
      );
      await opened.page.addScriptTag({ path: MERMAID });
      return opened;
    };

    it('are found', () => {
      expect(DIAGRAMS.map(({ where }) => where)).toEqual(
        expect.arrayContaining(['README.md 1', 'README.zh-CN.md 1', 'docs/architecture.md 1']),
      );
    });

    it.each(DIAGRAMS)(
      'are drawn with all their words legible, in the light and in the dark theme: $where',
      async ({ source }) => {
        const { page, problems } = await open();
        for (const theme of ['default', 'dark'] as const) {
          const drawn = await draw(page, source, theme);
          expect(drawn).toEqual({ text: expect.any(String), textPx: expect.any(Number), isCut: false });
          if ('textPx' in drawn) expect(drawn.textPx).toBeGreaterThan(SMALLEST_TEXT_PX);
          for (const label of labelsOf(source))
            expect(drawn).toHaveProperty('text', expect.stringContaining(label));
        }
        expect(problems).toEqual([]);
        await page.close();
      },
    );

    it('are refused if an arrow leads nowhere', async () => {
      const { page } = await open();
      expect(await draw(page, 'flowchart LR\n  a -->\n', 'default')).toEqual({
        mistake: expect.stringMatching(/parse error/i),
      });
      await page.close();
    });
  },
);
