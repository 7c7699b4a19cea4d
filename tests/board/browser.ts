/** What tests ask of a page in a real browser. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { interFiles, interStyle } from '#local/board/inter.ts';

export { launchBrowser, whyNoBrowser, whyNoFont } from '#local/board/chromium.ts';

/** A phone and a tablet, which show one column, and three wall screens. */
export const SIZES = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
] as const;

/** Opens a page and collects its problems: errors and warnings on the console, errors in scripts, and failed requests. */
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

/**
 * The font Inter within a style sheet, so that a page without a server can use it. Latin characters are enough here.
 */
const INTER = interStyle()
  .split('}')
  .filter((face) => face.includes('inter-latin-wght-normal'))
  .map((face) =>
    face.replace(/url\(\.\/(.*?)\)/, (_, path: string) => {
      const font = interFiles()[`/inter/${path}`]!.content as Buffer;
      return `url(data:font/woff2;base64,${font.toString('base64')})`;
    }),
  )
  .join('}');

/** The document around fragments. Its font is loaded once: loading it for every fragment would take longer than the tests. */
const DOCUMENT = `<!doctype html><meta charset="utf-8"><style>${INTER}}html,body{margin:0;height:100%}</style><body>`;

const withDocument = new WeakSet<Page>();

/** Shows a fragment alone in a document, in the screen's font. */
export const showFragment = async (page: Page, fragment: string): Promise<void> => {
  if (!withDocument.has(page)) await page.setContent(DOCUMENT);
  withDocument.add(page);
  const isInter = await page.evaluate<boolean>(
    `{document.body.innerHTML = ${JSON.stringify(fragment)}; document.body.offsetHeight && document.fonts.ready.then(() => [...document.fonts].every(({ family, status }) => family === 'Inter' && status === 'loaded'))}`,
  );
  if (!isInter) throw new Error('expected the screen to be set in Inter, got another font');
};

/** The layout is measured by a script in the page, which is not part of the screen. */
const IN_PAGE = readFileSync(new URL('./in-page.js', import.meta.url), 'utf8');

const ask = async <Answer>(page: Page, question: string): Promise<Answer> =>
  page.evaluate<Answer>(`{${IN_PAGE}}\nboardLayout.${question}()`);

/** Every place where something is too large for its box, outside of its card, over another text or cut off; a line for each. */
export const layoutFaults = async (page: Page): Promise<string[]> => ask(page, 'layoutFaults');

/** The size in pixels of the smallest text that can be seen. */
export const smallestTextPx = async (page: Page): Promise<number> => ask(page, 'smallestText');

/** The figures on the screen, by the names in their markup. */
export const figuresOn = async (page: Page): Promise<Record<string, { value: string; text: string }>> =>
  ask(page, 'figures');

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

type AxeNode = { target: string[]; failureSummary: string };
type AxeResults = { violations: { id: string; nodes: AxeNode[] }[] };

/** Accessibility violations of the page or a part of it, one line for each. */
export const axeFaults = async (page: Page, within = 'document'): Promise<string[]> => {
  const context = within === 'document' ? 'document' : JSON.stringify({ include: [within] });
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(${context}, { resultTypes: ['violations'] })`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
};
