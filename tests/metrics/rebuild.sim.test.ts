import { describe, expect, it } from 'vitest';
import { partitionOf } from '#domain/metrics/item-keys.ts';
import type { RowKey } from '#domain/metrics/levels.ts';
import { BLOCK_MARGIN_MS } from '#domain/metrics/metrics-table.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { rebuildRows } from '#domain/metrics/rollup/rebuild.ts';
import { emptyRow } from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import { seededRandom } from '../support/random.ts';
import { paid, START_MS, settings } from './factories.ts';
import { append, METRICS_TABLE, metricsWorld, type World, writesOf } from './world.ts';

const orders = (count: number, brands: number) => {
  const random = seededRandom(3);
  return Array.from({ length: count }, (_, i) =>
    paid({
      order: `o${i}`,
      member: `m${i % 50}`,
      brand: `brand-${Math.floor(random() * brands)}`,
      timeMs: START_MS + Math.floor(random() * 20 * MINUTE_MS),
      amountFen: 1 + Math.floor(random() * 50_000),
      ...(random() < 0.4 ? { label: 'paid/near', store: `store-${Math.floor(random() * 30)}` } : {}),
    }),
  );
};

/** A sale that was rolled up in several steps, so that its rows were extended. */
const saleOf = async (campaign: CampaignSettings, count = 900, brands = 40): Promise<World> => {
  const world = metricsWorld();
  const events = orders(count, brands).sort((a, b) => a.timeMs - b.timeMs);
  for (let at = 0; at < events.length; at += events.length / 6)
    await rollUp(
      world.aside,
      campaign,
      await append(world, campaign, events.slice(at, at + events.length / 6)),
    );
  return world;
};

/** The items of every row without their versions, which depend on the steps by which a row was made. */
const rowsOf = (world: World) =>
  world.tables
    .items(METRICS_TABLE)
    .toArray()
    .filter(({ item }) => item!.S!.startsWith('ROW'))
    .map(({ window, item, body, made, blocks, parts }) => [
      `${window!.S} ${item!.S!.startsWith('ROW#') ? item!.S!.split('#').at(-1) : 'head'}`,
      JSON.stringify([
        Buffer.from(body!.B!).toString('base64'),
        made && Buffer.from(made.B!).toString('base64'),
        blocks,
        parts,
      ]),
    ])
    .sort(([a], [b]) => (a! < b! ? -1 : 1));

const totalOf = async (world: World, campaign: CampaignSettings) =>
  packRowParts((await readTotal(world.aside, campaign)).row);

const headOf = (world: World, campaign: CampaignSettings, key: RowKey): Item =>
  world.tables
    .items(METRICS_TABLE)
    .find(({ window, item }) => window!.S === partitionOf(campaign.campaignId, key) && item!.S === 'ROW')!;

const put = (world: World, item: Item): void => {
  world.tables.execute('PutItem', { TableName: METRICS_TABLE, Item: item });
};

const remove = (world: World, { window, item }: Item): void => {
  world.tables.execute('DeleteItem', { TableName: METRICS_TABLE, Key: { window, item } });
};

const flipped = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[copy.length >> 1]! ^= 0xff;
  return copy;
};

const base = { level: 0, startMs: START_MS + 10 * MINUTE_MS, shard: 0 };
const minute = { level: 1, startMs: START_MS + 5 * MINUTE_MS, shard: 0 };
const total = { level: 2, startMs: START_MS, shard: 0 };

describe('rows', () => {
  it.each([
    [
      'a base window’s, with a flipped byte',
      base,
      (world: World, head: Item) => put(world, { ...head, body: { B: flipped(head.body!.B!) } }),
    ],
    ['a base window’s, deleted', base, remove],
    [
      'a base window’s, whose list of blocks cannot be read',
      base,
      (world: World, head: Item) => put(world, { ...head, made: { B: Uint8Array.of(99) } }),
    ],
    [
      'a minute’s, with a flipped byte',
      minute,
      (world: World, head: Item) => put(world, { ...head, body: { B: flipped(head.body!.B!) } }),
    ],
    ['a minute’s, deleted', minute, remove],
    [
      'the total, with a flipped byte',
      total,
      (world: World, head: Item) => put(world, { ...head, body: { B: flipped(head.body!.B!) } }),
    ],
    [
      'the total, replaced by an empty one',
      total,
      (world: World, head: Item) => put(world, { ...head, body: { B: packRowParts(emptyRow())[0]! } }),
    ],
  ])('that were damaged are made again to the same bits: %s', async (_, key, damage) => {
    const campaign = settings();
    const world = await saleOf(campaign);
    const [before, figures] = [rowsOf(world), await totalOf(world, campaign)];
    damage(world, headOf(world, campaign, key));
    expect(rowsOf(world)).not.toEqual(before);
    const { mended, expired, windows } = await rebuildRows(world.aside, campaign);
    expect(mended).toEqual([key]);
    expect(expired).toEqual([]);
    expect(windows).toBe(120);
    expect(rowsOf(world)).toEqual(before);
    expect(await totalOf(world, campaign)).toEqual(figures);
  });

  it('that were damaged are made again in a sale with several shards too, and if one of a row’s parts is gone', async () => {
    const campaign = settings({ shards: 2, windowMs: HOUR_MS, endsAtMs: START_MS + 80 * HOUR_MS });
    const world = metricsWorld();
    const long = (n: number) => [1, 2, 3].map((part) => fingerprintOf(`${n}/${part}`)).join('-');
    const random = seededRandom(5);
    const events = Array.from({ length: 16_000 }, (_, i) =>
      paid({
        order: `o${i}`,
        brand: long(Math.floor(random() * 1e9)),
        amountFen: 1 + Math.floor(random() * 1e9),
      }),
    );
    await rollUp(world.aside, campaign, await append(world, campaign, events));
    const before = rowsOf(world);
    world.time.nowMs += MINUTE_MS;
    const part = world.tables.items(METRICS_TABLE).find(({ item }) => item!.S!.startsWith('ROW#'))!;
    remove(world, part);
    put(world, {
      ...headOf(world, campaign, { level: 0, startMs: START_MS, shard: 1 }),
      body: { B: Uint8Array.of(1) },
    });
    const { mended } = await rebuildRows(world.aside, campaign);
    expect(mended.length).toBe(2);
    expect(rowsOf(world)).toEqual(before);
  });

  it('are not written if nothing is wrong with them', async () => {
    const campaign = settings();
    const world = await saleOf(campaign);
    expect(await rebuildRows(world.runtime, campaign)).toMatchObject({ mended: [], expired: [] });
    expect(writesOf(world, 'ROW')).toEqual([]);
  });

  it('stay as they are if some of their blocks have expired', async () => {
    const campaign = settings();
    const world = await saleOf(campaign);
    for (const item of world.tables.items(METRICS_TABLE))
      if (item.item!.S!.startsWith('BLOCK#') && item.window!.S === partitionOf('sale', base))
        remove(world, item);
    world.time.nowMs = START_MS + HOUR_MS + campaign.horizonMs + BLOCK_MARGIN_MS;
    const before = rowsOf(world);
    const { mended, expired } = await rebuildRows(world.aside, campaign);
    expect(mended).toEqual([]);
    expect(expired).toContainEqual(base);
    expect(rowsOf(world)).toEqual(before);
  });
});
