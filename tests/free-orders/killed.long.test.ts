import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { campaignSettings, parseCampaignDefinition } from '#events/contract.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import { readerRuntime } from '#local/aws/reader-runtime.ts';
import { endDraws, writeDraws } from '#local/replay/draws.ts';
import { amongKills, sendEvents } from '../support/local-pipeline.ts';
import { runScript } from '../support/run-start.ts';
import { instantRules, slotRules } from './factory.ts';
import { event, orderData } from './sent-events.ts';

const ORDERS = 600;
const PACK = 20;
/** The seed of the kills: handler processes are killed while orders come, and again while draws end. */
const KILL_SEED = 7;
const STARTS_AT_MS = Date.parse('2026-11-10T16:00:00.000Z');

const drawOf = (campaignId: string, freeOrders: FreeOrders) => ({
  campaignId,
  startsAt: '2026-11-10T16:00:00.000Z',
  endsAt: '2026-11-10T17:00:00.000Z',
  metrics: { windowSeconds: 600, horizonHours: 87_600 },
  freeOrders,
});
/**
 * Every order belongs to both campaigns. The instant draw has no limits: otherwise a second delivery could
 * find a limit reached and refuse an order for another reason.
 */
const campaigns = [
  drawOf('killed-instant', instantRules({ odds: { win: 1, in: 4 } })),
  drawOf('killed-slot', slotRules({ slotSeconds: 900, prizes: 12, perMember: 1 })),
];

describe('draws during which handler processes are killed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'free-order-killed-'));
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await startPipeline({ visibilityScale: 300 });
  });
  afterAll(async () => {
    await pipeline.stop();
    rmSync(directory, { recursive: true });
  });

  const send = (events: readonly object[]) => sendEvents(pipeline, events, PACK);

  type Close = { entries: number; outcomes: Record<string, number>; revoked: number; awardedFen: number };

  it('end as their exports say, to the fen', async () => {
    await send(campaigns.map((data) => event('presale.started', data.campaignId, STARTS_AT_MS, data)));
    const paid = Array.from({ length: ORDERS }, (_, n) =>
      event('order.paid', `paid-${n}`, STARTS_AT_MS + n * 5_990, orderData(n)),
    );
    const refunds = Array.from({ length: 60 }, (_, n) =>
      event('order.refunded', `back-${n}`, STARTS_AT_MS + n * 59_900 + 1, orderData(n * 10)),
    );
    const drawn = await amongKills(pipeline, KILL_SEED, async () => {
      await send([...paid, ...refunds, ...paid.slice(0, 100)]);
    });
    const ended = await amongKills(pipeline, KILL_SEED, () =>
      endDraws(pipeline, Date.now(), new AbortController().signal),
    );
    expect(drawn + ended).toBeGreaterThan(0);
    const depths = await pipeline.depths();
    for (const [queue, { visible }] of Object.entries(depths)) {
      if (queue.endsWith('dead-letters')) expect(visible, queue).toBe(0);
    }

    expect(await writeDraws(pipeline, directory)).toHaveLength(campaigns.length);
    const runtime = readerRuntime(pipeline);
    const published = (await pipeline.messages('grants')).flatMap(
      (body) => JSON.parse(body) as { id: string; type: string; data: { campaignId: string } }[],
    );
    for (const definition of campaigns) {
      const { campaignId, freeOrders } = definition;
      const draw = join(directory, `${campaignId}.ndjson`);
      const verified = await runScript('local/verify.ts', [
        ...['--draw', draw],
        ...['--published', join(directory, `${campaignId}.published.ndjson`)],
      ]);
      expect(verified.stdout).toMatch(freeOrders.mode === 'slot' ? /\nREHEARSAL: [^,]*\n$/ : /\nVERIFIED\n$/);
      expect(verified.status, verified.stdout).toBe(0);
      const close = JSON.parse(readFileSync(draw, 'utf8').trimEnd().split('\n').at(-1)!) as Close;
      expect(close.entries).toBe(ORDERS);
      const wins = close.outcomes.won!;
      expect(wins).toBeGreaterThan(20);

      const budgets = await readBudgets(runtime, campaignId);
      const left = (key: string) => budgets.get(key)!.reduce((sum, one) => sum + one, 0);
      expect(left('free/quota')).toBe(freeOrders.quota - wins);
      expect(left('free/budget')).toBe(freeOrders.budgetFen - close.awardedFen);

      const parsed = parseCampaignDefinition(definition);
      if (!parsed.ok) throw new Error(parsed.rejection.message);
      const { row } = await readTotal(runtime, campaignSettings(parsed.definition));
      const countOf = (label: string): number => row.tallies.get(label)?.count ?? 0;
      expect(row.conflicts).toBe(0);
      expect(row.tallies.get('free-order/won')?.fen).toBe(close.awardedFen);
      expect(countOf('free-revoked')).toBe(close.revoked);
      for (const [outcome, count] of Object.entries(close.outcomes)) {
        const counted = countOf(`free-order/${outcome}`) + countOf(`free-refused/${outcome}`);
        expect(counted, `${campaignId}: ${outcome}`).toBe(count);
      }
      const idsOf = (type: string) =>
        new Set(
          published
            .filter((one) => one.type === type && one.data.campaignId === campaignId)
            .map(({ id }) => id),
        );
      expect(idsOf('free-order.granted').size).toBe(wins);
      expect(idsOf('free-order.revoked').size).toBe(close.revoked);
    }
  });
});
