/**
 * What a loser and a winner of a draw cost in write units, by the capacity that the functions consume: the
 * same orders go through the local pipeline with free orders and without, and the difference is what the draw
 * costs.
 */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumed, startPipeline } from '#local/aws/pipeline.ts';
import { sqsSender } from '#local/replay/producer.ts';

export const PACK = 100;
export const STARTS_AT_MS = Date.parse('2026-11-10T16:00:00.000Z');
export const SPAN_MS = 3_600_000;
export const DRAW_AFTER_MS = 7_200_000;
/** A grant is an item of at most 1 KB, written in a transaction at two units. */
const UNITS_A_GRANT = 2;
/** Storing in the draws table how a winner's order was judged takes this many units; a slot's draw stores no judgement. */
const UNITS_A_JUDGEMENT: Readonly<Record<Mode, number>> = { instant: 1, slot: 0 };

/**
 * Every rollup writes rows again, even after few orders, and on a busy machine the orders come slowly. With
 * these settings rollups wait for more orders, so the cost of the orders is measured, not the speed of the
 * machine.
 */
export const PATIENT = { metricsWindowSeconds: '3', rollupWindowSeconds: '6' };

const digits = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** Ids as shops have them: counted up, or 128 random bits, which no packing makes smaller. */
const ID_STYLES = {
  counted: (kind: string, number: number) => `${kind}-${String(number).padStart(9, '0')}`,
  uuid: (kind: string, number: number) =>
    digits(kind + number).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  'hex-32': (kind: string, number: number) => digits(kind + number),
};
export type IdStyle = keyof typeof ID_STYLES;
export const ID_STYLE_NAMES = Object.keys(ID_STYLES) as IdStyle[];

/** One in a hundred wins. */
const modeRules = (orders: number) => ({
  instant: { mode: 'instant', odds: { win: 1, in: 100 } },
  slot: {
    mode: 'slot',
    slotSeconds: 900,
    prizes: Math.round(orders / 400),
    graceSeconds: 3_600,
    beacon: { chain: 'quicknet', recordedRound: 1_000 },
  },
});
export type Mode = keyof ReturnType<typeof modeRules>;

export const presale = (mode: Mode | undefined, orders: number) => ({
  specversion: '1.0',
  id: 'open',
  source: 'urn:cost',
  type: 'presale.started',
  time: new Date(STARTS_AT_MS).toISOString(),
  data: {
    campaignId: 'cost',
    startsAt: new Date(STARTS_AT_MS).toISOString(),
    endsAt: new Date(STARTS_AT_MS + SPAN_MS).toISOString(),
    metrics: { windowSeconds: 600, horizonHours: 87_600 },
    ...(mode === undefined
      ? {}
      : {
          freeOrders: {
            ...modeRules(orders)[mode],
            channels: ['near'],
            capFen: 5_000,
            quota: 1_000_000,
            budgetFen: 100_000_000_000,
          },
        }),
  },
});

/** An order with a pseudo-random time, member, store and amount, so that packing cannot predict them from the order before. */
export const orderEvent = (style: IdStyle, number: number, orders: number) => {
  const idOf = ID_STYLES[style];
  const drawn = Buffer.from(digits(`order ${number}`), 'hex');
  const offsetMs = Math.floor((number / orders) * SPAN_MS);
  const jitterMs = drawn.readUInt32LE(0) % Math.ceil(SPAN_MS / orders);
  return {
    specversion: '1.0',
    id: `event-${number}`,
    source: 'urn:cost',
    type: 'order.paid',
    time: new Date(STARTS_AT_MS + offsetMs + jitterMs).toISOString(),
    data: {
      orderId: idOf('order', number),
      memberId: idOf('member', drawn.readUInt32LE(4) % (orders * 4)),
      brandId: `brand-${number % 200}`,
      channel: 'near',
      storeId: `store-${drawn.readUInt16LE(8) % 2_000}`,
      amountFen: 1_000 + (drawn.readUInt16LE(10) % 9_000),
    },
  };
};

/** Plays a sale, and returns the capacity that it consumed, by table. Without a `mode` it has no free orders. */
const runSale = async (
  mode: Mode | undefined,
  style: IdStyle,
  orders: number,
): Promise<Record<string, Consumed>> => {
  const pipeline = await startPipeline({ context: PATIENT });
  const events = sqsSender(
    pipeline.sqsEndpoint,
    pipeline.output('EventsQueueUrl'),
    pipeline.output('ControlQueueUrl'),
  );
  const draw = sqsSender(pipeline.sqsEndpoint, pipeline.queueUrls.draw!);
  const send = async (sender: typeof events, value: unknown) => {
    const body = JSON.stringify(value);
    await sender.send([{ body, bytes: Buffer.byteLength(body), records: 1 }]);
  };
  const untilIdle = async () => {
    while (!(await pipeline.idle())) await sleep(50);
  };
  try {
    await send(events, presale(mode, orders));
    await untilIdle();
    for (let first = 0; first < orders; first += PACK) {
      const size = Math.min(PACK, orders - first);
      await send(
        events,
        Array.from({ length: size }, (_, i) => orderEvent(style, first + i, orders)),
      );
    }
    await untilIdle();
    if (mode === 'slot') {
      await send(draw, { time: new Date(Date.now() + DRAW_AFTER_MS).toISOString() });
      await untilIdle();
    }
    return pipeline.consumed();
  } finally {
    events.close();
    draw.close();
    await pipeline.stop();
  }
};

/** Costs in write units: `winner` for each win, the others for each order. `wins` is the number of wins. */
export type DrawCost = {
  mode: Mode;
  draws: number;
  metrics: number;
  loser: number;
  winner: number;
  wins: number;
};

/** Plays a sale with free orders or without, and returns the capacity that it consumed, by table. */
export type RunSale = (
  mode: Mode | undefined,
  style: IdStyle,
  orders: number,
) => Promise<Record<string, Pick<Consumed, 'writeUnits'>>>;

/** The cost of each kind of draw. All of the `orders` orders are eligible, and one in a hundred wins. */
export const drawCosts = async (
  style: IdStyle,
  orders: number,
  run: RunSale = runSale,
): Promise<DrawCost[]> => {
  const without = await run(undefined, style, orders);
  const costs: DrawCost[] = [];
  for (const mode of ['instant', 'slot'] as const) {
    const consumed = await run(mode, style, orders);
    const more = (table: string): number =>
      (consumed[table]?.writeUnits ?? 0) - (without[table]?.writeUnits ?? 0);
    const metrics = more('metrics') / orders;
    const wins = more('grants') / UNITS_A_GRANT;
    const judged = wins * UNITS_A_JUDGEMENT[mode];
    const draws = (more('draws') - judged) / orders;
    const winner = (more('grants') + more('campaigns') + judged) / wins;
    costs.push({ mode, draws, metrics, loser: draws + metrics, winner, wins });
  }
  return costs;
};
