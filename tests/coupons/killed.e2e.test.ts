import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { lineIdOf } from '#domain/grants/order-line.ts';
import type { Example } from '#domain/learning/example.ts';
import { unpackExamples } from '#domain/learning/example-block.ts';
import { examplesSettings } from '#domain/learning/example-windows.ts';
import { encodeUseStatistics, useStatisticsOf } from '#domain/learning/use-statistics.ts';
import { readWindow } from '#domain/metrics/metrics-table.ts';
import { readPending } from '#domain/metrics/pending-items.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { campaignSettings, parseCampaignDefinition } from '#events/contract.ts';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import { readerRuntime } from '#local/aws/reader-runtime.ts';
import { sumOf } from '#platform/collections.ts';
import { eventIdOf } from '#platform/hash.ts';
import { allGrants, heldFen } from '../support/coupon-world.ts';
import { amongKills, sendLines, untilIdle } from '../support/local-pipeline.ts';
import { taughtBy } from '../support/taught.ts';

/** The sample sale: one campaign with coupons and free orders, its members, orders and refunds. Only its coupons are checked here. */
const EVENTS = readFileSync(new URL('../../events/sale.ndjson', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const PACK = 20;
const KILL_SEED = 5;

type Opening = { type: string; data: unknown };

/** An event's id, by the part of it that a coupon's account keeps. */
const lineIdsOf = (line: string): [lineId: string, id: string] => {
  const { source, id } = JSON.parse(line) as { source: string; id: string };
  const eventId = eventIdOf(source, id);
  return [lineIdOf(eventId), eventId];
};

describe('the sample sale', () => {
  let pipeline: Pipeline;
  beforeAll(async () => {
    pipeline = await startPipeline();
  });
  afterAll(() => pipeline.stop());

  it('keeps its books to the fen and publishes every coupon, although handler processes are killed', async () => {
    const opening = EVENTS.find((line) => (JSON.parse(line) as Opening).type === 'presale.started')!;
    const parsed = parseCampaignDefinition((JSON.parse(opening) as Opening).data);
    if (!parsed.ok) throw new Error(parsed.rejection.message);
    const { definition } = parsed;
    const { campaignId, coupons } = definition;

    await sendLines(pipeline, [opening], PACK);
    await untilIdle(pipeline);
    const kills = await amongKills(pipeline, KILL_SEED, async () => {
      const others = EVENTS.filter((line) => line !== opening);
      await sendLines(pipeline, [...others, ...others.slice(0, 100)], PACK);
      await untilIdle(pipeline);
    });
    expect(kills).toBeGreaterThan(0);
    for (const [queue, { visible }] of Object.entries(await pipeline.depths())) {
      if (queue.endsWith('dead-letters')) expect(visible, queue).toBe(0);
    }

    const runtime = readerRuntime(pipeline);
    const all = await allGrants(runtime.dynamodb, campaignId, runtime.environment('GRANTS_TABLE'));
    const grants = all.filter(({ kind }) => kind === 'coupon');
    expect(grants.length).toBeGreaterThan(10);
    const held = heldFen(grants);
    const remaining = await readBudgets(runtime, campaignId);
    for (const { key, totalFen } of campaignBudgets(coupons!)) {
      expect(sumOf(remaining.get(key)!) + (held[key] ?? 0)).toBe(totalFen);
    }

    const published = (await pipeline.messages('grants'))
      .flatMap((body) => JSON.parse(body) as { id: string; type: string }[])
      .filter(({ type }) => type === 'coupon.granted');
    expect(new Set(published.map(({ id }) => id))).toEqual(new Set(grants.map(({ id }) => id)));

    // Examples wait in blocks until their coupons have expired. The blocks hold exactly the examples that the grants give.
    const settings = campaignSettings(definition);
    const ofExamples = examplesSettings(settings, coupons!);
    const windows = new Map(
      (await readPending(runtime, ofExamples, 0)).map(({ startMs, shard }) => [startMs, { startMs, shard }]),
    );
    const said: Example[] = [];
    for (const { startMs, shard } of windows.values()) {
      const { blocks } = await readWindow(runtime, ofExamples, { level: 0, startMs, shard });
      said.push(...blocks.flatMap(({ body }) => unpackExamples(body)));
    }
    const ids = new Map(EVENTS.map((line) => lineIdsOf(line)));
    const taught = grants.flatMap((grant) => taughtBy(grant, { settings, coupons: coupons! }, ids));
    expect(taught.length).toBeGreaterThan(10);
    const hexOf = (examples: readonly Example[]): string =>
      Buffer.from(encodeUseStatistics(useStatisticsOf(examples))).toString('hex');
    expect(hexOf(said)).toBe(hexOf(taught));

    const { row } = await readTotal(runtime, settings);
    expect(row.conflicts).toBe(0);
    const countOf = (label: string): number => row.tallies.get(label)?.count ?? 0;
    const byArm = Map.groupBy(
      grants,
      ({ budget, offer }) => `${budget.slice(0, budget.indexOf('/'))}/${offer}`,
    );
    expect(byArm.size).toBeGreaterThan(1);
    for (const [label, some] of byArm) {
      expect(row.tallies.get(`coupon-issued/${label}`)).toEqual({
        count: some.length,
        fen: sumOf(some.map(({ faceFen }) => faceFen)),
      });
      const redeemed = some.filter(({ state }) => state === 'redeemed').length;
      expect(countOf(`coupon-redeemed/${label}`) - countOf(`coupon-returned/${label}`)).toBe(redeemed);
    }
  });
});
