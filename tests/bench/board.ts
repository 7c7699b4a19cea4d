/**
 * What one refresh of the live screen costs: calls, milliseconds of reading and of rendering, bytes of the answer. The sale is
 * in its last minute, is compared with last year's, and has coupons in three arms and free orders.
 * Run: `npm run node -- tests/bench/board.ts`.
 */
import { readView } from '#domain/board/read.ts';
import { renderBoard } from '#domain/board/render.ts';
import { formatTable } from '#local/console/format.ts';
import {
  count,
  countCalls,
  decisionMetrics,
  LAST_YEAR,
  named,
  openCampaign,
  orderMetric,
  ordersOf,
  START_MS,
  THIS_YEAR,
} from '../board/read-sale.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { testRuntime } from '../support/runtime.ts';

const HOUR_MS = 3_600_000;
const LOOKS = 40;
const SIZES = [
  { brands: 4_000, orders: 40_000 },
  { brands: 37_000, orders: 120_000 },
];
/** A little before the end, so that last year's sale is read up to this time and not as a whole. */
const UNTIL_MS = HOUR_MS - 25_000;

const quantile = (values: readonly number[], share: number): string =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]!.toFixed(1);

const dynoxide = await startDynoxide();
try {
  const runtime = testRuntime({ clients: { dynamodb: dynoxide.client } });
  const counted = countCalls(dynoxide.client);
  const lines: string[][] = [];
  for (const size of SIZES) {
    const lastYear = named(LAST_YEAR, `last-${size.brands}`);
    const thisYear = named(THIS_YEAR, `this-${size.brands}`, lastYear.campaignId);
    await openCampaign(runtime, lastYear);
    await openCampaign(runtime, thisYear);
    await count(
      runtime,
      lastYear,
      ordersOf(lastYear, size, 2).map((order) => orderMetric(lastYear, order)),
    );
    await count(runtime, thisYear, [
      ...ordersOf(thisYear, size, 1, UNTIL_MS).map((order) => orderMetric(thisYear, order)),
      ...decisionMetrics(thisYear),
    ]);
    const calls: number[] = [];
    const readMs: number[] = [];
    const renderMs: number[] = [];
    let bytes = 0;
    for (let i = 0; i < LOOKS; i++) {
      const before = counted.calls.length;
      const startMs = performance.now();
      const view = (await readView(runtime, thisYear.campaignId, START_MS + UNTIL_MS))!;
      const readEndMs = performance.now();
      const answer = renderBoard(view, { locale: 'zh-CN', theme: 'dark' });
      renderMs.push(performance.now() - readEndMs);
      readMs.push(readEndMs - startMs);
      calls.push(counted.calls.length - before);
      bytes = Buffer.byteLength(answer);
    }
    lines.push([
      String(size.brands),
      `${calls[0]}, then ${calls.at(-1)}`,
      readMs[0]!.toFixed(0),
      quantile(readMs.slice(1), 0.5),
      quantile(readMs.slice(1), 0.99),
      quantile(renderMs, 0.5),
      quantile(renderMs, 0.99),
      String(bytes),
    ]);
  }
  const heads = [
    'brands',
    'calls',
    'first read ms',
    'read ms p50',
    'read ms p99',
    'render ms p50',
    'render ms p99',
    'answer bytes',
  ];
  process.stdout.write(`${formatTable([heads, ...lines]).join('\n')}\n`);
} finally {
  await dynoxide.stop();
}
