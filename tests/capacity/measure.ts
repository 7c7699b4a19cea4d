import { pricesKeyOf } from '#domain/campaigns/prices.ts';
import type { Cost, LinearCost, OrderFunction, Path, UnitCosts } from '#domain/capacity/unit-costs.ts';
import type { LocalStack } from '#local/aws/template.ts';
import { MeteredPipeline, type Spent } from './metered-pipeline.ts';

/**
 * Measures what each kind of order costs. The functions run in this process, as they are deployed, on batches of one order and on
 * full batches; the difference separates the cost of an invocation from that of an order.
 */

const START_MS = Date.parse('2026-11-10T16:00:00.000Z');
const HOUR_MS = 3_600_000;
/** After this time a process reads campaigns and prices again. */
const FORGET_MS = 30_000;
const FEN = 20_000;
const BRANDS = 35;
/** Orders of a full batch: a hundred messages of a hundred orders. */
const FULL = 10_000;
const PER_MESSAGE = 100;
/** Invocations of one order each. The first, in which a process warms up, is not counted. */
const SINGLES = 40;
const FUNCTIONS: readonly OrderFunction[] = ['intake', 'coupon', 'free-order', 'metrics'];
/** A price of a fen at which no coupon is worth giving. */
const PROHIBITIVE = 1e9;

const iso = (ms: number): string => new Date(ms).toISOString();

const couponSection = (limit: number): object => ({
  budgets: [{ pool: 'platform', totalFen: 100_000_000_000, presaleShare: 0 }],
  offers: [500, 1_000, 2_000].map((discountFen) => ({
    offerId: `off-${discountFen}`,
    pool: 'platform',
    thresholdFen: 4 * discountFen,
    discountFen,
    scope: 'all',
    validHours: 24,
  })),
  arms: { engine: 90, baseline: 5, control: 5 },
  baselineOffer: 'off-1000',
  salt: 'salt',
  objective: 'incremental-gmv',
  perMemberLimit: limit,
  epsilon: 0,
});

const drawSection = (rules: object): object => ({
  ...rules,
  channels: ['far', 'near'],
  capFen: 5_000,
  quota: 1_000_000,
  budgetFen: 100_000_000_000,
});

const SECTIONS: Readonly<Record<Path, object>> = {
  counted: {},
  decided: { coupons: couponSection(20) },
  brought: { coupons: couponSection(20) },
  used: { coupons: couponSection(1) },
  lost: { freeOrders: drawSection({ mode: 'instant', odds: { win: 1, in: 1_000_000 } }) },
  won: { freeOrders: drawSection({ mode: 'instant', odds: { win: 1, in: 1 } }) },
  entered: {
    freeOrders: drawSection({
      mode: 'slot',
      slotSeconds: 3_600,
      prizes: 10,
      graceSeconds: 60,
      beacon: { chain: 'quicknet', recordedRound: 1_000 },
    }),
  },
};

const event = (type: string, id: string, timeMs: number, data: object): object => ({
  specversion: '1.0',
  id,
  source: 'urn:capacity',
  type,
  time: iso(timeMs),
  data,
});

/** A pipeline with one open campaign, which its processes read again when they next run. */
const opened = async (stack: LocalStack, sections: object): Promise<MeteredPipeline> => {
  const pipeline = new MeteredPipeline(stack, START_MS);
  const definition = {
    campaignId: 'sale',
    startsAt: iso(START_MS),
    endsAt: iso(START_MS + 24 * HOUR_MS),
    metrics: { windowSeconds: 10 },
    ...sections,
  };
  pipeline.send([event('presale.started', 'opened', START_MS, definition)], 1);
  await pipeline.drain();
  await pipeline.pass(FORGET_MS);
  return pipeline;
};

type Orders = {
  name: string;
  count: number;
  brands?: number;
  couponIds?: readonly (readonly [string, string])[];
};

/** Orders. Their ids and those of their events are as random as those of shops, so that no packing makes them smaller. */
const orders = (pipeline: MeteredPipeline, { name, count, brands = BRANDS, couponIds }: Orders): object[] =>
  Array.from({ length: count }, (_, i) => {
    const [memberId, couponId] = couponIds?.[i] ?? [`member-${name}-${i}`, undefined];
    return event('order.paid', `${crypto.randomUUID()}`, pipeline.nowMs, {
      orderId: crypto.randomUUID(),
      memberId,
      brandId: `brand-${i % brands}`,
      ...(i % 2 === 0 ? { channel: 'far' } : { channel: 'near', storeId: `store-${i % 2_000}` }),
      amountFen: FEN + i,
      ...(couponId === undefined ? {} : { couponId }),
    });
  });

/** Sends orders and processes them, one message after the other or all at once. */
const work = async (pipeline: MeteredPipeline, what: Orders, isSingle: boolean): Promise<void> => {
  if (!isSingle) {
    pipeline.send(orders(pipeline, what), PER_MESSAGE);
    return pipeline.drain();
  }
  for (const [i, one] of orders(pipeline, what).entries()) {
    pipeline.send([one], 1);
    await pipeline.drain();
    if (i === 0) pipeline.reset();
  }
};

const mapUnits = (a: Cost['writeUnits'], b: Cost['writeUnits'], of: (a: number, b: number) => number) =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((table) => {
      const [x = 0, y = 0] = [a, b].map((units) => (units as Record<string, number>)[table]);
      return [table, of(x, y)];
    }),
  );

const combine = (a: Cost, b: Cost, of: (a: number, b: number) => number): Cost => ({
  cpuMs: of(a.cpuMs, b.cpuMs),
  rounds: of(a.rounds, b.rounds),
  writeUnits: mapUnits(a.writeUnits, b.writeUnits, of),
  readUnits: mapUnits(a.readUnits, b.readUnits, of),
  sends: of(a.sends, b.sends),
  sentBytes: of(a.sentBytes, b.sentBytes),
});

const perInvocation = (spent: Spent): Cost => combine(spent, spent, (total) => total / spent.invocations);

/**
 * The cost of an invocation and of each order in it: the line through the invocations of one order each and the invocations that
 * processed `orders` orders in all. No cost is below 0.
 */
const lineThrough = (single: Spent, full: Spent, orders: number): LinearCost => {
  const [one, many] = [perInvocation(single), perInvocation(full)];
  const perOrder = orders / full.invocations;
  const each = combine(one, many, (atOne, atMany) => Math.max(0, (atMany - atOne) / (perOrder - 1)));
  return { invocation: combine(one, each, (atOne, ofEach) => Math.max(0, atOne - ofEach)), each };
};

type Costs = Partial<Record<OrderFunction, LinearCost>>;

const linesOf = (single: MeteredPipeline, full: MeteredPipeline): Costs =>
  Object.fromEntries(
    FUNCTIONS.filter((name) => full.of(name).invocations > 0).map((name) => [
      name,
      lineThrough(single.of(name), full.of(name), FULL),
    ]),
  );

/** The coupons that members hold, as pairs of member id and coupon id, from the grants in the outbox. */
const heldCoupons = (pipeline: MeteredPipeline): (readonly [string, string])[] =>
  pipeline
    .outbox()
    .flatMap((body) => JSON.parse(body) as { id: string; type: string; data: { memberId: string } }[])
    .filter(({ type }) => type === 'coupon.granted')
    .map(({ id, data }) => [data.memberId, id] as const);

const setPrices = (pipeline: MeteredPipeline, stack: LocalStack, price: number): void => {
  const body = JSON.stringify({ 'engine/platform': price, 'baseline/platform': price });
  pipeline.tables.execute('PutItem', {
    TableName: stack.tables.find(({ shortName }) => shortName === 'campaigns')!.name,
    Item: {
      ...pricesKeyOf({ campaignId: 'sale', hasOwnKeys: true }),
      body: { S: body },
      version: { N: '9' },
    },
  });
};

/** Prepares a pipeline for one kind of order. */
const prepare = async (
  pipeline: MeteredPipeline,
  stack: LocalStack,
  path: Path,
): Promise<Orders['couponIds']> => {
  if (path === 'decided') setPrices(pipeline, stack, PROHIBITIVE);
  if (path === 'used') await work(pipeline, { name: 'first', count: FULL + FULL / 5 }, false);
  await pipeline.pass(FORGET_MS);
  return path === 'used' ? heldCoupons(pipeline) : undefined;
};

/** What the orders of one kind cost in each function that processes them. */
export const measurePath = async (stack: LocalStack, path: Path): Promise<Costs> => {
  const couponsOf = async (pipeline: MeteredPipeline) => prepare(pipeline, stack, path);
  const single = await opened(stack, SECTIONS[path]);
  const ofSingle = await couponsOf(single);
  await work(single, { name: 'single', count: SINGLES, ...(ofSingle && { couponIds: ofSingle }) }, true);
  const full = await opened(stack, SECTIONS[path]);
  const ofFull = await couponsOf(full);
  // The first batch is the one in which a process warms up.
  await work(full, { name: 'warm', count: FULL / 10 }, false);
  full.reset();
  await work(full, { name: 'full', count: FULL, ...(ofFull && { couponIds: ofFull }) }, false);
  return linesOf(single, full);
};

/** How many windows with few orders are refreshed, and how many with many. The first of each kind is not counted. */
const REFRESHES = { few: 40, many: 4 };
const WINDOW_ORDERS = { few: 1_000, many: 20_000 };

/** What a refresh costs where this many brands have sold something, by the orders in the changed window. */
const measureRefresh = async (stack: LocalStack, brands: number): Promise<LinearCost> => {
  const pipeline = await opened(stack, {});
  await work(pipeline, { name: 'all', count: brands, brands }, false);
  const costOf = async (size: 'few' | 'many'): Promise<Cost> => {
    for (let i = 0; i < REFRESHES[size]; i++) {
      if (i === 1) pipeline.reset();
      await pipeline.pass(10_000);
      await work(pipeline, { name: `${size}-${i}`, count: WINDOW_ORDERS[size], brands }, false);
    }
    return perInvocation(pipeline.of('rollup'));
  };
  const few = await costOf('few');
  const many = await costOf('many');
  const each = combine(few, many, (atFew, atMany) =>
    Math.max(0, (atMany - atFew) / (WINDOW_ORDERS.many - WINDOW_ORDERS.few)),
  );
  const invocation = combine(few, each, (atFew, ofEach) => Math.max(0, atFew - ofEach * WINDOW_ORDERS.few));
  return { invocation, each };
};

const AUDIENCE = 5_000;

/** A presale to members who have ordered before, with a coupon for a few of them and with one for each. */
const measurePresale = async (stack: LocalStack): Promise<UnitCosts['presale']> => {
  const costOf = async (totalFen: number): Promise<{ spent: Spent; issued: number }> => {
    // Members are known from the orders of a sale with coupons.
    const pipeline = await opened(stack, SECTIONS.decided);
    await prepare(pipeline, stack, 'decided');
    await work(pipeline, { name: 'known', count: AUDIENCE }, false);
    const heldBefore = heldCoupons(pipeline).length;
    pipeline.reset();
    const coupons = { ...couponSection(1), budgets: [{ pool: 'platform', totalFen, presaleShare: 1 }] };
    const definition = {
      campaignId: 'presale',
      startsAt: iso(pipeline.nowMs),
      endsAt: iso(pipeline.nowMs + HOUR_MS),
      coupons,
    };
    pipeline.send([event('presale.started', 'presale', pipeline.nowMs, definition)], 1);
    await pipeline.drain();
    return { spent: pipeline.of('audience'), issued: heldCoupons(pipeline).length - heldBefore };
  };
  const least = await costOf(20_000);
  const most = await costOf(100_000_000_000);
  const member = combine(least.spent, least.spent, (total) => total / AUDIENCE);
  const coupon = combine(least.spent, most.spent, (few, many) =>
    Math.max(0, (many - few) / (most.issued - least.issued)),
  );
  return { member, coupon };
};

export const REFRESH_BRANDS = [35, 2_000, 37_000];

/** Measures everything; `measuredOn` is the day, `onStep` is called with what is measured next. */
export const measureUnitCosts = async (
  stack: LocalStack,
  {
    measuredOn,
    paths,
    brands,
    onStep = () => {},
  }: {
    measuredOn: string;
    paths: readonly Path[];
    brands: readonly number[];
    onStep?: (what: string) => void;
  },
): Promise<UnitCosts> => {
  const costs: [Path, Costs][] = [];
  for (const path of paths) {
    onStep(path);
    costs.push([path, await measurePath(stack, path)]);
  }
  const refreshes: { brands: number; cost: LinearCost }[] = [];
  for (const count of brands) {
    onStep(`refresh of ${count} brands`);
    refreshes.push({ brands: count, cost: await measureRefresh(stack, count) });
  }
  onStep('presale');
  return {
    measuredOn,
    paths: Object.fromEntries(costs) as UnitCosts['paths'],
    refreshes,
    presale: await measurePresale(stack),
  };
};
