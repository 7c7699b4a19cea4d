import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figuresOf } from '#local/board/figures.ts';
import { sqsSender } from '#local/replay/producer.ts';
import type { CampaignReport, Report } from '#local/replay/report.ts';
import { figuresOn, launchBrowser, openPage, whyNoBrowser } from '../board/browser.ts';
import { startScript } from '../support/run-start.ts';
import { temporaryDirectory } from './replay/files.ts';

const VIEWPORT = { width: 1_280, height: 720 };
const UP_MS_MAX = 120_000;
/** The page asks for an answer each second. The rest is room for a busy machine. */
const REFRESHED_MS_MAX = 15_000;

const noBrowser = await whyNoBrowser();
const directory = temporaryDirectory();
const reportFile = join(directory.path, 'report.json');

let run: ReturnType<typeof startScript>;
let report: Report;
let campaign: CampaignReport;
let url: string;

/** The address that the run has printed after a name. */
const lineOf = (name: string): string => new RegExp(`${name} +(\\S+)`).exec(run.text.stdout)![1]!;

beforeAll(async () => {
  run = startScript('local/start.ts', ['--events', 'events/sale.ndjson', '--report', reportFile]);
  const startMs = Date.now();
  while (!run.text.stdout.includes('live screen')) {
    if (run.child.exitCode !== null || Date.now() - startMs > UP_MS_MAX) throw new Error(run.text.stderr);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  url = lineOf('live screen');
  report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  campaign = report.campaigns['night-market-2026']!;
});
afterAll(async () => {
  run?.child.kill('SIGINT');
  await run?.outcome;
  directory.remove();
});

it('a replay announces its page before anything is sent, and the deployed function answers there', async () => {
  expect(run.text.stderr).toContain(`the sale, live: ${url}`);
  const answer = await fetch(`${url}board?locale=en`);
  expect(answer.status).toBe(200);
  expect(figuresOf(await answer.text())).toEqual({
    orders: campaign.orders,
    netFen: campaign.netFen,
    watermarkMs: Date.parse(campaign.watermark!),
  });
});

it('a replay’s page leads to a list of the refused events, which is empty here', async () => {
  expect(await (await fetch(url)).text()).toContain('data-rejects="/rejects"');
  expect(await (await fetch(`${url}rejects?locale=en`)).text()).toContain('No event has been refused.');
});

const title = `the page of a replayed sale${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
    ({ page, problems } = await openPage(browser, VIEWPORT));
    await page.goto(`${url}?locale=en&theme=dark`);
    await page.waitForSelector('[data-orders]');
  });
  afterAll(() => browser?.close());

  /** Figures on the page by their names, as numbers. */
  const shown = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(await figuresOn(page)).map(([name, { value }]) => [name, Number(value)]),
    );

  it('shows the report’s figures', async () => {
    const sumOf = (label: string): { count: number; amountFen: number } =>
      Object.entries(campaign.decisions)
        .filter(([name]) => name === label || name.startsWith(`${label}/`))
        .reduce(
          (sum, [, { count, amountFen }]) => ({
            count: sum.count + count,
            amountFen: sum.amountFen + amountFen,
          }),
          { count: 0, amountFen: 0 },
        );
    const figures = await shown();
    const ranked = Object.values(campaign.brands).sort((a, b) => b.netFen - a.netFen);
    expect(figures).toMatchObject({
      'net-fen': campaign.netFen,
      orders: campaign.orders,
      'watermark-ms': Date.parse(campaign.watermark!),
      'active-brands': ranked.length,
      ...Object.fromEntries(ranked.map(({ netFen }, i) => [`brand-${i + 1}`, netFen])),
      'coupons-issued': sumOf('coupon-issued').count,
      'coupons-redeemed': sumOf('coupon-redeemed').count,
      wins: sumOf('free-order/won').count,
      'awarded-fen': sumOf('free-order/won').amountFen - sumOf('free-revoked').amountFen,
    });
    expect(figures['net-fen-far']! + figures['net-fen-near']!).toBe(campaign.netFen);
    expect(figures.members).toBeCloseTo(campaign.members, 0);
    expect(figures.participants).toBeCloseTo(campaign.decidedMembers['free-order']!, 0);
    expect(figures['coupons-spent-fen']).toBe(
      sumOf('coupon-issued').amountFen - sumOf('coupon-expired').amountFen,
    );
    // This makes sure that something was counted.
    for (const name of ['net-fen', 'coupons-issued', 'wins', 'participants'])
      expect(figures[name], name).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  it('is updated in place by the next order, without being built again', async () => {
    const root = await page.$('.zb');
    const { send, close } = sqsSender(
      lineOf('SQS endpoint'),
      lineOf('events queue'),
      lineOf('control queue'),
    );
    const body = JSON.stringify({
      ...JSON.parse(readFileSync('events/order.paid.json', 'utf8')),
      id: 'page-1',
      time: campaign.watermark,
      data: {
        orderId: 'page-1',
        memberId: 'm-page',
        brandId: 'brand-page',
        channel: 'far',
        amountFen: 12_345,
      },
    });
    await send([{ body, bytes: Buffer.byteLength(body), records: 1 }]);
    close();
    await page.waitForSelector(`[data-orders="${campaign.orders + 1}"]`, { timeout: REFRESHED_MS_MAX });
    expect((await shown())['net-fen']).toBe(campaign.netFen + 12_345);
    expect(await root!.evaluate((element) => element.isConnected)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('changes its language or its theme when a key is pressed, and keeps both in its address', async () => {
    await page.keyboard.press('l');
    await page.waitForSelector('.zb[lang="zh-CN"]');
    await page.keyboard.press('t');
    // Evaluated from outside, because the page's policy forbids evaluating scripts in it.
    await expect
      .poll(() => page.evaluate('document.documentElement.dataset.theme'), { timeout: REFRESHED_MS_MAX })
      .toBe('light');
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({ locale: 'zh-CN', theme: 'light' });
    expect((await shown()).orders).toBe(campaign.orders + 1);
    expect(problems).toEqual([]);
  });

  it('says in words what is wrong with its address', async () => {
    const other = await openPage(browser, VIEWPORT);
    await other.page.goto(`${url}?locale=en&campaign=nothing`);
    await other.page.getByText('There is no campaign nothing').waitFor();
    expect(other.problems).toEqual([]);
    await other.page.close();
  });

  it('goes on showing the last figures, marked as such, when the pipeline is gone', async () => {
    expect(await page.locator('#mark').isHidden()).toBe(true);
    run.child.kill('SIGINT');
    expect((await run.outcome).status).toBe(0);
    await page.locator('#mark').waitFor({ state: 'visible' });
    expect((await shown())['net-fen']).toBe(campaign.netFen + 12_345);
  });
});
