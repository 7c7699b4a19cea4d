import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { armOf } from '#domain/campaigns/arms.ts';
import { listCampaign, putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import { blocksOf, eventsOf } from '#domain/metrics/batch-blocks.ts';
import { type MetricEvent, toTuple } from '#domain/metrics/metric-event.ts';
import { putBlocks } from '#domain/metrics/metrics-table.ts';
import { addPending } from '#domain/metrics/pending-items.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { type CampaignDefinition, campaignSettings, formatTime } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { chunks } from '#platform/collections.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { seededRandom } from '../support/random.ts';

/** Two sales that are written straight into the tables, for tests of what the board reads. */

export const START_MS = Date.parse('2026-11-10T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 86_400_000;
const FIRST_AMOUNT_FEN = 1_000;
const EVENTS_PER_MESSAGE = 100;
const BLOCKS_PER_CALL = 100;
const WINDOWS_PER_ROLLUP = 100;

export const COUPONS: Coupons = {
  budgets: [
    { pool: 'platform', totalFen: 100_000_000, presaleShare: 0.4 },
    { pool: 'near', totalFen: 20_000_000, presaleShare: 0 },
  ],
  offers: [
    {
      offerId: 'ten',
      pool: 'platform',
      thresholdFen: 8_000,
      discountFen: 1_000,
      scope: 'all',
      validHours: 24,
    },
    { offerId: 'five', pool: 'near', thresholdFen: 3_000, discountFen: 500, scope: 'near', validHours: 24 },
  ],
  arms: { engine: 70, baseline: 15, control: 15 },
  salt: 'salt',
  objective: 'incremental-gmv',
  perMemberLimit: 3,
  shards: 8,
  baselineOffer: 'ten',
};

export const LAST_YEAR: CampaignDefinition = {
  campaignId: 'sale-2025',
  startsAt: formatTime(START_MS - YEAR_MS),
  endsAt: formatTime(START_MS - YEAR_MS + HOUR_MS),
};

export const THIS_YEAR: CampaignDefinition = {
  campaignId: 'sale-2026',
  startsAt: formatTime(START_MS),
  endsAt: formatTime(START_MS + HOUR_MS),
  compareWith: LAST_YEAR.campaignId,
  metrics: { brandLineFen: 400_000, horizonHours: 20_000 },
  coupons: COUPONS,
  freeOrders: {
    mode: 'instant',
    channels: ['near'],
    odds: { win: 1, in: 100 },
    capFen: 10_000,
    quota: 1_000,
    budgetFen: 10_000_000,
  },
};

export type Order = {
  id: string;
  kind: 'paid' | 'refunded';
  timeMs: number;
  brand: string;
  channel: 'far' | 'near';
  /** Only near orders have one. */
  store?: string;
  member: string;
  amountFen: number;
};

/**
 * Orders from the start of a campaign until `untilMs` later, the earliest first, a few of them followed by their refunds. Brands
 * sell by a power law, so that there are leaders.
 */
export const ordersOf = (
  definition: CampaignDefinition,
  size: { brands: number; orders: number },
  seed: number,
  untilMs = HOUR_MS,
): Order[] => {
  const random = seededRandom(seed);
  const startMs = Date.parse(definition.startsAt);
  const members = Math.ceil(size.orders / 1.4);
  return Array.from({ length: size.orders }, (_, i): Order[] => {
    const timeMs = startMs + Math.floor((untilMs * i) / size.orders);
    const paid: Order = {
      id: `o${i}`,
      kind: 'paid',
      timeMs,
      brand: `brand-${Math.floor(size.brands * random() ** 2)}`,
      ...(random() < 0.6
        ? { channel: 'far' as const }
        : { channel: 'near' as const, store: `store-${Math.floor(40 * (i / size.orders) ** 2)}` }),
      member: `m${Math.floor(members * random())}`,
      amountFen: FIRST_AMOUNT_FEN + Math.floor(40_000 * random() ** 3),
    };
    const refundMs = timeMs + Math.floor(600_000 * random());
    return random() < 0.03 && refundMs < startMs + untilMs
      ? [paid, { ...paid, id: `o${i}/refund`, kind: 'refunded', timeMs: refundMs }]
      : [paid];
  }).flat();
};

export const orderMetric = ({ campaignId, coupons }: CampaignDefinition, order: Order): MetricEvent => ({
  id: eventIdOf(`/test/${campaignId}`, order.id),
  timeMs: order.timeMs,
  label: `${order.kind}/${order.channel}${coupons === undefined ? '' : `/${armOf(coupons, order.member)}`}`,
  brand: order.brand,
  amountFen: order.amountFen,
  member: order.member,
  ...(order.store === undefined ? {} : { store: order.store }),
});

/** The decisions of a sale, as the deciding functions send them to the metrics. */
export const decisionMetrics = ({ campaignId }: CampaignDefinition): MetricEvent[] => {
  const decided = (label: string, at: number, more: Partial<MetricEvent> = {}): MetricEvent => ({
    id: eventIdOf(`/test/${campaignId}/decisions`, `${label}/${at}`),
    timeMs: START_MS + at,
    label,
    brand: '',
    amountFen: 0,
    member: '',
    ...more,
  });
  const times = (n: number) => Array.from({ length: n }, (_, i) => i * 1_000);
  return [
    decided('assigned/engine', 0, { count: 7_000 }),
    decided('assigned/baseline', 0, { count: 1_500 }),
    decided('assigned/control', 0, { count: 1_500 }),
    // A presale's coupons are counted at times spread over the first hour of the sale.
    ...times(60).map((at) =>
      decided('coupon-issued/engine/ten', 60 * at, { amountFen: 1_000, member: `m${at}` }),
    ),
    ...times(20).map((at) =>
      decided('coupon-issued/baseline/ten', at, { amountFen: 1_000, member: `n${at}` }),
    ),
    ...times(12).map((at) =>
      decided('coupon-redeemed/engine/ten', at, { amountFen: 1_000, member: `m${at}` }),
    ),
    ...times(2).map((at) =>
      decided('coupon-redeemed/baseline/ten', at, { amountFen: 1_000, member: `n${at}` }),
    ),
    ...times(1).map((at) => decided('coupon-returned/engine/ten', at, { amountFen: 1_000 })),
    ...times(7).map((at) => decided('coupon-withheld/control/control-arm', at)),
    ...times(4).map((at) => decided('coupon-withheld/engine/budget-spent', at)),
    ...times(5).map((at) => decided('coupon-withheld/baseline/budget-spent', at)),
    ...times(3).map((at) => decided('coupon-refused/below-threshold', at)),
    decided('model-calls/audience', 0, { count: 20_000 }),
    ...times(10).map((at) => decided('model-calls/coupon', at, { count: 3 })),
    ...times(4).map((at) => decided('free-order/won', at, { amountFen: 2_500, member: `w${at}` })),
    ...times(30).map((at) => decided('free-order/not-drawn', at, { member: `l${at}` })),
    ...times(9).map((at) => decided('free-refused/wrong-channel', at)),
    ...times(1).map((at) => decided('free-revoked', at, { amountFen: 2_500 })),
  ];
};

/** A copy of a campaign under another id, compared with the campaign `compareWith` if it is given. */
export const named = (
  definition: CampaignDefinition,
  campaignId: string,
  compareWith?: string,
): CampaignDefinition => ({
  ...definition,
  campaignId,
  ...(compareWith === undefined ? {} : { compareWith }),
});

/** Opens a campaign as the presale does. */
export const openCampaign = async (runtime: Runtime, definition: CampaignDefinition): Promise<void> => {
  const { layout } = (await registerCampaign(runtime, definition)).stored;
  await putItemsOnce(runtime, definition.campaignId, [
    ...openingItems(layout, definition.coupons),
    ...drawOpeningItems(definition, { keys: KEYS, layout }, START_MS),
  ]);
  await listCampaign(runtime, definition);
};

export const KEYS = { seed: Buffer.alloc(32, 1), memberKey: Buffer.alloc(32, 2) };

/** Counts events as the metrics function and the rollup function do. */
export const count = async (
  runtime: Runtime,
  definition: CampaignDefinition,
  events: readonly MetricEvent[],
): Promise<void> => {
  const settings = campaignSettings(definition);
  const messages = chunks(events, EVENTS_PER_MESSAGE).map((chunk) => ({
    settings,
    events: chunk.map(toTuple),
  }));
  const blocks = eventsOf(messages).flatMap((ofCampaign) => blocksOf(ofCampaign, []));
  for (const chunk of chunks(blocks, BLOCKS_PER_CALL)) {
    await putBlocks(runtime, settings, chunk);
    await addPending(
      runtime,
      settings,
      chunk.map(({ id, startMs, shard }) => ({ blockId: id, startMs, shard })),
    );
  }
  const windows = [...new Set(blocks.map(({ startMs }) => startMs))].map((startMs) => ({
    startMs,
    shard: 0,
  }));
  for (const chunk of chunks(windows, WINDOWS_PER_ROLLUP)) await rollUp(runtime, settings, chunk);
};

/** Records the names of a client's calls from now on. */
export const countCalls = (client: DynamoDBClient): { calls: string[] } => {
  const counted: { calls: string[] } = { calls: [] };
  client.middlewareStack.add(
    (next, context) => (args) => {
      counted.calls.push((context.commandName ?? '').replace(/Command$/, ''));
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'countCalls' },
  );
  return counted;
};
