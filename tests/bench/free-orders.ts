/**
 * What an eligible loser and a winner cost in write units, as the functions' consumed capacity: the same orders go through
 * the local pipeline with free orders and without, and the difference is what the draw costs.
 *
 *     npx node tests/bench/free-orders.ts [orders]
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumed, startPipeline } from '#local/aws/pipeline.ts';
import { sqsSender } from '#local/replay/producer.ts';

const ORDERS = Number(process.argv[2] ?? 20_000);
const PACK = 100;
const STARTS_AT_MS = Date.parse('2026-11-10T16:00:00.000Z');
const SPAN_MS = 3_600_000;

const uuid = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Ids as shops have them: counted up, or random, which no packing makes smaller. */
const ID_STYLES = {
  counted: (kind: string, number: number) => `${kind}-${String(number).padStart(9, '0')}`,
  random: (kind: string, number: number) => uuid(`${kind}${number}`),
};

const MODES = {
  none: undefined,
  instant: { mode: 'instant', odds: { win: 1, in: 100 } },
  slot: {
    mode: 'slot',
    slotSeconds: 900,
    prizes: Math.round(ORDERS / 400),
    graceSeconds: 3_600,
    beacon: { chain: 'quicknet', recordedRound: 1_000 },
  },
} as const;

const presale = (mode: keyof typeof MODES) => ({
  specversion: '1.0',
  id: 'open',
  source: 'urn:bench',
  type: 'presale.started',
  time: new Date(STARTS_AT_MS).toISOString(),
  data: {
    campaignId: 'bench',
    startsAt: new Date(STARTS_AT_MS).toISOString(),
    endsAt: new Date(STARTS_AT_MS + SPAN_MS).toISOString(),
    metrics: { windowSeconds: 600, horizonHours: 87_600 },
    ...(MODES[mode] === undefined
      ? {}
      : {
          freeOrders: {
            ...MODES[mode],
            channels: ['near'],
            capFen: 5_000,
            quota: 1_000_000,
            budgetFen: 100_000_000_000,
          },
        }),
  },
});

const order = (style: keyof typeof ID_STYLES, number: number) => {
  const idOf = ID_STYLES[style];
  return {
    specversion: '1.0',
    id: `event-${number}`,
    source: 'urn:bench',
    type: 'order.paid',
    time: new Date(STARTS_AT_MS + Math.floor((number / ORDERS) * SPAN_MS)).toISOString(),
    data: {
      orderId: idOf('order', number),
      memberId: idOf('member', (number * 7_919) % (ORDERS * 4)),
      brandId: `brand-${number % 200}`,
      channel: 'near',
      storeId: `store-${(number * 31) % 2_000}`,
      amountFen: 1_000 + ((number * 37) % 9_000),
    },
  };
};

async function run(
  mode: keyof typeof MODES,
  style: keyof typeof ID_STYLES,
): Promise<Record<string, Consumed>> {
  const pipeline = await startPipeline();
  const events = sqsSender(pipeline.sqsEndpoint, pipeline.output('EventsQueueUrl'));
  const draw = sqsSender(pipeline.sqsEndpoint, pipeline.queueUrls.draw!);
  const send = async (sender: typeof events, value: unknown) => {
    const body = JSON.stringify(value);
    await sender.send([{ body, bytes: Buffer.byteLength(body), records: 1 }]);
  };
  const untilIdle = async () => {
    while (!(await pipeline.idle())) await sleep(50);
  };
  try {
    await send(events, presale(mode));
    await untilIdle();
    for (let first = 0; first < ORDERS; first += PACK) {
      const size = Math.min(PACK, ORDERS - first);
      await send(
        events,
        Array.from({ length: size }, (_, i) => order(style, first + i)),
      );
    }
    await untilIdle();
    if (mode === 'slot') {
      await send(draw, { time: new Date(Date.now() + 7_200_000).toISOString() });
      await untilIdle();
    }
    return pipeline.consumed();
  } finally {
    events.close();
    draw.close();
    await pipeline.stop();
  }
}

const TABLES = ['draws', 'metrics', 'grants', 'campaigns'] as const;
const unitsOf = (consumed: Record<string, Consumed>, table: string): number =>
  consumed[table]?.writeUnits ?? 0;

console.log(`${ORDERS} orders, all eligible, 1 % win; write units an order, beyond those of counting it`);
console.log('ids      mode     draws   metrics a loser   grants and budgets a win');
for (const style of ['counted', 'random'] as const) {
  const without = await run('none', style);
  for (const mode of ['instant', 'slot'] as const) {
    const consumed = await run(mode, style);
    const [draws, metrics, grants, campaigns] = TABLES.map(
      (table) => unitsOf(consumed, table) - unitsOf(without, table),
    ) as [number, number, number, number];
    // A grant is an item of at most 1 KB, written in a transaction at two units.
    const wins = grants / 2;
    console.log(
      [
        style.padEnd(8),
        mode.padEnd(8),
        (draws / ORDERS).toFixed(4),
        (metrics / ORDERS).toFixed(4),
        ((draws + metrics) / ORDERS).toFixed(4).padEnd(9),
        ((grants + campaigns) / wins).toFixed(2),
        `(${wins} wins)`,
      ].join('  '),
    );
  }
}
