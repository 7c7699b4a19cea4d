/** A sale's traffic through the metrics and rollup functions, collected into batches as Lambda collects it. */
import { levelsOf, type RowKey } from '#domain/metrics/levels.ts';
import { type MetricEvent, toTuple } from '#domain/metrics/metric-event.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { emptyRow, type Row, tallyOf } from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { putRow } from '#domain/metrics/row-items.ts';
import { baseLevelOf } from '#domain/metrics/shards.ts';
import { raiseMarks } from '#domain/metrics/watermark-item.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { makeHandler as makeMetrics } from '#lambdas/metrics/handler.ts';
import { makeHandler as makeRollup } from '#lambdas/rollup/handler.ts';
import { chunks } from '#platform/collections.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import { eventIdOf } from '#platform/hash.ts';
import { seededRandom } from '../../support/random.ts';
import { added, busiestKey, type Cost, costOf, FREE, newWorld, perOne, type World } from './world.ts';

/** A queue's event source has at least five pollers, each of which fills batches of its own, for two seconds. */
const COLLECTORS = 5;
export const BATCH_MS = 2 * SECOND_MS;
/** What intake packs into a message, and what a batch of the metrics function holds at most. */
const EVENTS_PER_MESSAGE = 100;
const MESSAGES_PER_BATCH = 100;
/** The rollup function's concurrency bound. */
const ROLLUP_WORKERS = 2;
export const START_MS = Date.parse('2026-11-01T00:00:00.000Z');
/** About how many orders are played at most. If the last hour has more, only its end is played. */
const ORDERS_MAX = Number(process.argv[2] ?? 100_000);
const SHORTEST_MS = MINUTE_MS;
/**
 * With a span of four hours or more, the play ends this much after the span. Just before its end, the day's
 * row is extended once more, so the figures include the whole cost of extending it.
 */
const EXTENDED_MS = 4 * HOUR_MS + MINUTE_MS / 2;

export type Case = {
  /** Orders per second. */
  rate: number;
  brands: number;
  /** How long the sale has been on at the end of what is played. From four hours on, {@link EXTENDED_MS} is added. */
  spanMs: number;
  /** The share of orders that are near, each from one of this many stores. */
  near?: { share: number; stores: number };
};

export type Measured = {
  /** The cost of one order, of one refresh of the rows, and of one look at the total. */
  order: Cost;
  refresh: Cost;
  look: Cost;
  orders: number;
  playedMs: number;
  /** The most write units a second that any key got, as a mean over ten seconds. */
  keyUnits: number;
};

/** Names, the n-th of which is drawn 1/n times as often as the first. Sales spread over many brands about like this. */
export const namesOf = (prefix: string, count: number, random: () => number) => {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) sums[i] = sum += 1 / (i + 1);
  const names = Array.from({ length: count }, (_, i) => `${prefix}-${(i * 7_919) % 1_000_003}`);
  const draw = (): string => {
    const at = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return names[low]!;
  };
  return { names, draw };
};

export const amountOf = (random: () => number): number => 1_000 + Math.floor(random() ** 3 * 90_000);

/** A row of about this many orders, spread over all brands. */
const rowOf = (names: readonly string[], orders: number, random: () => number): Row => {
  const row = emptyRow();
  const harmonic = Math.log(names.length) + 0.577;
  for (const [i, name] of names.entries()) {
    const count = Math.floor(orders / (i + 1) / harmonic + random());
    if (count === 0) continue;
    const grossFen = Math.round(count * (15_000 + 20_000 * random()));
    row.brands.set(name, { orders: count, grossFen, refunds: 0, refundedFen: 0, peakFen: grossFen });
    row.peakFen += grossFen;
  }
  row.tallies.set('paid/far', { count: orders, fen: row.peakFen });
  return row;
};

/**
 * Writes what the rows have covered by `untilMs`, so that the bench need not play it: for the total, and at each level for the
 * row that holds the newest window.
 */
const coverEarlier = async (
  { runtime }: World,
  settings: CampaignSettings,
  untilMs: number,
  earlier: (spanMs: number) => Row,
): Promise<void> => {
  const levels = levelsOf(settings);
  for (let level = levels.length - 1; level > baseLevelOf(settings); level--) {
    const length = levels[level]!.lengthMs;
    const childMs = levels[level - 1]!.lengthMs;
    const startMs = level === levels.length - 1 ? START_MS : Math.floor(untilMs / length) * length;
    const covered = Math.floor((untilMs - startMs) / childMs);
    const key: RowKey = { level, startMs, shard: 0 };
    const counts = Array.from({ length: covered }, () => 1);
    const made = { blocks: covered, version: `${level}.`, madeOf: { kind: 'children', counts } as const };
    const row = covered === 0 ? emptyRow() : earlier(covered * childMs);
    await putRow(runtime, settings, key, { row: { ...made, parts: packRowParts(row) }, before: undefined });
  }
  await raiseMarks(runtime, settings, { tailMs: untilMs - settings.windowMs });
};

/** How much of the last hour is played: all of it if it has no more than {@link ORDERS_MAX} orders. */
const playedOf = (rate: number): number => {
  const ms = Math.max(SHORTEST_MS, Math.min(HOUR_MS, (ORDERS_MAX / rate) * SECOND_MS));
  return Math.ceil(ms / MINUTE_MS) * MINUTE_MS;
};

const context = { functionName: 'bench', awsRequestId: 'bench', getRemainingTimeInMillis: () => 60_000 };

const eventOf = (bodies: readonly string[], nowMs: number) => ({
  Records: bodies.map((body, i) => ({
    messageId: String(i),
    body,
    attributes: { SentTimestamp: String(nowMs), ApproximateReceiveCount: '1' },
  })),
});

/** Calls the functions as their event sources do, batch by batch. */
const functionsOf = (world: World, random: () => number) => {
  const metrics = makeMetrics(world.outside);
  const workers = Array.from({ length: ROLLUP_WORKERS }, () => makeRollup(world.outside));
  const call = async (handler: typeof metrics, bodies: readonly string[]): Promise<void> => {
    const answer = await handler(eventOf(bodies, world.time.nowMs) as never, context as never);
    if (answer.batchItemFailures.length > 0) throw new Error('bench: expected no failure, got one');
  };
  const collected = (bodies: readonly string[]): string[][] => {
    const collectors = Array.from({ length: COLLECTORS }, (): string[] => []);
    for (const body of bodies) collectors[Math.floor(random() * COLLECTORS)]!.push(body);
    return collectors.flatMap((batch) => chunks(batch, MESSAGES_PER_BATCH));
  };
  return {
    count: async (bodies: readonly string[]): Promise<void> => {
      await Promise.all(collected(bodies).map((batch) => call(metrics, batch)));
    },
    refresh: async (bodies: readonly string[]): Promise<void> => {
      const free = [...workers];
      await mapLimited(collected(bodies), ROLLUP_WORKERS, async (batch) => {
        const worker = free.pop()!;
        await call(worker, batch);
        free.push(worker);
      });
    },
  };
};

/** Intake's messages of two seconds. Intake's queue has several pollers too, each with orders of its own. */
const messagesOf = (settings: CampaignSettings, events: readonly MetricEvent[]): string[] =>
  Array.from({ length: COLLECTORS }, (_, i) => events.filter((_, at) => at % COLLECTORS === i))
    .flatMap((ofCollector) => chunks(ofCollector, EVENTS_PER_MESSAGE))
    .map((chunk) => JSON.stringify({ settings, events: chunk.map(toTuple) }));

/** Plays the last hour of a sale, or the end of that hour. Throws if an order is missing from the total. */
export const measure = async ({ rate, brands: brandCount, spanMs, near }: Case): Promise<Measured> => {
  const random = seededRandom(rate + brandCount);
  const brands = namesOf('brand', brandCount, random);
  const stores = namesOf('store', near?.stores ?? 1, random);
  const settings: CampaignSettings = {
    campaignId: 'sale',
    startsAtMs: START_MS,
    endsAtMs: START_MS + 21 * DAY_MS,
    windowMs: 10 * SECOND_MS,
    shards: rate > 5_000 ? 2 : 1,
    horizonMs: 7 * DAY_MS,
    brandLineFen: 9_000_000_000_000,
  };
  const untilMs = START_MS + (spanMs < 4 * HOUR_MS ? spanMs : spanMs + EXTENDED_MS);
  const playedMs = playedOf(rate);
  const fromMs = Math.floor((untilMs - playedMs) / MINUTE_MS) * MINUTE_MS;
  const world = newWorld(fromMs);
  await world.time.run(
    coverEarlier(world, settings, fromMs, (ms) =>
      rowOf(brands.names, Math.floor((rate * ms) / SECOND_MS), random),
    ),
  );
  const before = tallyOf((await world.time.run(readTotal(world.runtime, settings))).row, 'paid').count;
  const functions = functionsOf(world, random);
  let [counting, refreshing, orders, refreshes] = [FREE, FREE, 0, 0];
  const refresh = async (): Promise<void> => {
    const sent = world.sent.splice(0);
    const visible = sent.filter(({ visibleMs }) => visibleMs <= world.time.nowMs);
    world.sent.push(...sent.filter(({ visibleMs }) => visibleMs > world.time.nowMs));
    if (visible.length === 0) return;
    const { rowWrites } = world.spent;
    refreshing = added(
      refreshing,
      await costOf(world, () => functions.refresh(visible.map(({ body }) => body))),
    );
    if (world.spent.rowWrites > rowWrites) refreshes++;
  };
  for (let atMs = fromMs; atMs < fromMs + playedMs; atMs += BATCH_MS) {
    const events = Array.from({ length: (rate * BATCH_MS) / SECOND_MS }, (): MetricEvent => {
      const isNear = near !== undefined && random() < near.share;
      return {
        id: eventIdOf('bench', String(orders++)),
        timeMs: atMs + Math.floor(random() * BATCH_MS),
        label: isNear ? 'paid/near' : 'paid/far',
        brand: brands.draw(),
        amountFen: amountOf(random),
        member: `member-${Math.floor(random() * 5_000_000)}`,
        ...(isNear ? { store: stores.draw() } : {}),
      };
    });
    const messages = messagesOf(settings, events);
    world.time.nowMs = Math.max(world.time.nowMs, atMs + BATCH_MS);
    counting = added(counting, await costOf(world, () => functions.count(messages)));
    await refresh();
  }
  world.time.nowMs += MINUTE_MS;
  await refresh();
  const total = await world.time.run(readTotal(world.runtime, settings));
  const counted = tallyOf(total.row, 'paid').count - before;
  if (counted !== orders) throw new Error(`bench: expected ${orders} orders in the total, got ${counted}`);
  const look = await costOf(world, () => readTotal(world.runtime, settings));
  return {
    order: perOne(added(counting, refreshing), orders),
    refresh: perOne(refreshing, refreshes),
    look,
    orders,
    playedMs,
    keyUnits: busiestKey(world),
  };
};
