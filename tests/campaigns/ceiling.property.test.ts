import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  creditAction,
  debitAction,
  heldBackIn,
  issuableIn,
  leftIn,
  readBudgetShards,
} from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { putItemsOnce, readStoredDefinition, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { applyCeiling, type Ceiling, settleCeilings, spreadOver } from '#domain/campaigns/ceiling.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { openCampaign } from '#domain/presale/open-campaign.ts';
import { makeHandler } from '#lambdas/presale/handler.ts';
import { sumOf } from '#platform/collections.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { coupons, definition, offer, START_MS } from '../coupons/factories.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { budgetIn, layoutIn } from '../support/layouts.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const SHARDS = 5;
const TOTAL_FEN = 90_000;
const SALE = definition(
  'sale',
  coupons({
    arms: { engine: 60, baseline: 30, control: 10 },
    baselineOffer: 'ten',
    offers: [offer()],
    budgets: [{ pool: 'platform', totalFen: TOTAL_FEN, presaleShare: 0 }],
    shards: SHARDS,
  }),
);
const SECTION = SALE.coupons!;
const BUDGETS = campaignBudgets(SECTION).map(({ key }) => budgetIn('sale', SECTION, key));

const ceilingOf = (ceilingFen: number, second = 0): Ceiling => ({
  pool: 'platform',
  ceilingFen,
  sinceMs: START_MS + second * 1_000,
  order: new Date(START_MS + second * 1_000).toISOString(),
});

/** Workers and a runtime on the same tables. Their calls may crash while `weather` has a rate of deaths. */
const world = async () => {
  const random = seededRandom(1);
  const weather = new Weather(random);
  const queues = new Queues(random, new Weather(random));
  const dynamodb = emulatedTables({
    before: async () => {
      for (let turns = Math.floor(random() * 4); turns > 0; turns--) await Promise.resolve();
      if (weather.strikes('death')) throw new Error('died');
    },
  });
  const outside = testOutside({
    clients: { dynamodb, sqs: queues.sqs },
    clock: { nowMs: () => START_MS, wait: async () => {} },
  });
  const runtime = makeRuntime(outside);
  await registerCampaign(runtime, SALE);
  return { runtime, weather, queues, consume: consumerOf(makeHandler(outside)), random };
};

const opened = async (runtime: Runtime): Promise<void> =>
  putItemsOnce(runtime, 'sale', openingItems(layoutIn(SALE), SECTION));

const sums = async (runtime: Runtime): Promise<{ spent: number; issuable: number; held: number }> => {
  const shards = await readBudgetShards(runtime, 'sale');
  const sum = (amounts: Map<string, number[]>): number => sumOf([...amounts.values()].flat());
  return {
    spent: TOTAL_FEN - sum(leftIn(shards)),
    issuable: sum(issuableIn(shards)),
    held: sumOf(Object.values(heldBackIn(shards))),
  };
};

/** One action on a shard of a budget; returns whether it was accepted. */
const act = async (
  runtime: Runtime,
  action: typeof debitAction,
  { budget, shard, amountFen }: { budget: number; shard: number; amountFen: number },
): Promise<boolean> => {
  try {
    const actions = [action(runtime, BUDGETS[budget]!, { shard, amountFen })];
    await runtime.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: actions }));
    return true;
  } catch (error) {
    if ((error as Error).name !== 'TransactionCanceledException') throw error;
    return false;
  }
};

const movements = fc.record({
  budget: fc.nat(BUDGETS.length - 1),
  shard: fc.nat(SHARDS - 1),
  amountFen: fc.integer({ min: 1, max: 6_000 }),
});

const eventOfCeiling = ({ ceilingFen, second }: { ceilingFen: number; second: number }, i: number) => ({
  specversion: '1.0',
  source: '/ops',
  type: 'campaign.capped',
  id: `event-${i}`,
  time: new Date(START_MS + second * 1_000).toISOString(),
  data: { campaignId: 'sale', pool: 'platform', ceilingFen },
});

describe('a ceiling', () => {
  it('is in the end that of the latest event, however late and often events come and whichever workers crash', async () => {
    const someEvents = fc
      .uniqueArray(fc.record({ ceilingFen: fc.nat(TOTAL_FEN), second: fc.nat(9) }), {
        minLength: 1,
        maxLength: 5,
        selector: ({ second }) => second,
      })
      .map((given) => given.map(eventOfCeiling));
    await fc.assert(
      fc.asyncProperty(
        someEvents.chain((events) =>
          fc.record({
            events: fc.constant(events),
            deliveries: fc.array(fc.array(fc.constantFrom(...events), { maxLength: 3 }), { maxLength: 4 }),
            last: fc.shuffledSubarray(events, { minLength: events.length }),
            debits: fc.array(movements, { maxLength: 30 }),
          }),
        ),
        async ({ events, deliveries, last, debits }) => {
          const { runtime, weather, consume } = await world();
          await opened(runtime);
          const deliver = (event: object) => consume(eventOf(event));
          const rest = [...debits];
          for (const together of deliveries) {
            weather.rates = { ...NO_FAULTS, death: 0.05 };
            const taken = rest.splice(0, 10).map((one) => act(runtime, debitAction, one));
            await Promise.allSettled([...together.map(deliver), ...taken]);
            weather.rates = NO_FAULTS;
          }
          for (const event of last) await deliver(event);

          const latest = events.toSorted((a, b) => (a.time < b.time ? 1 : -1))[0]!;
          const { spent, issuable, held } = await sums(runtime);
          expect(issuable + held + spent).toBe(TOTAL_FEN);
          expect(spent + issuable).toBeLessThanOrEqual(Math.max(spent, latest.data.ceilingFen));
          if (spent === 0) expect(issuable).toBe(latest.data.ceilingFen);
          for (const { remaining } of await readBudgetShards(runtime, 'sale'))
            expect(remaining).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('lets no debit exceed it once it is applied, even if debits were under way meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: TOTAL_FEN }),
        fc.array(movements, { minLength: 30, maxLength: 60 }),
        async (ceilingFen, debits) => {
          const { runtime } = await world();
          await opened(runtime);
          const before = debits.slice(0, 15).map((one) => act(runtime, debitAction, one));
          await Promise.all([...before, applyCeiling(runtime, 'sale', SECTION, ceilingOf(ceilingFen))]);
          const { spent } = await sums(runtime);
          for (const one of debits.slice(15)) await act(runtime, debitAction, one);
          expect((await sums(runtime)).spent).toBeLessThanOrEqual(Math.max(spent, ceilingFen));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lets nothing be given while more is spent than it allows, and then exactly the rest', async () => {
    const { runtime } = await world();
    await opened(runtime);
    const everyShard = Array.from({ length: SHARDS }, (_, shard) => shard);
    for (const shard of everyShard) await act(runtime, debitAction, { budget: 0, shard, amountFen: 10_000 });
    const { spent } = await sums(runtime);
    expect(spent).toBe(50_000);
    await applyCeiling(runtime, 'sale', SECTION, ceilingOf(30_000));
    const tryAll = () =>
      Promise.all(everyShard.map((shard) => act(runtime, debitAction, { budget: 0, shard, amountFen: 1 })));
    expect(await tryAll()).toEqual(everyShard.map(() => false));
    // The engine's part of the ceiling is 20,000.
    await act(runtime, creditAction, { budget: 0, shard: 2, amountFen: 29_999 });
    await settleCeilings(runtime, 'sale', SECTION);
    expect(await tryAll()).toEqual(everyShard.map(() => false));
    // The baseline's part is 10,000. The engine has spent one fen more than its own part, so the baseline has one fen less.
    expect(await sums(runtime)).toMatchObject({ spent: 20_001, issuable: 9_999 });
    await act(runtime, creditAction, { budget: 0, shard: 2, amountFen: 4 });
    await settleCeilings(runtime, 'sale', SECTION);
    expect((await tryAll()).filter(Boolean)).toHaveLength(3);
    expect(await tryAll()).toEqual(everyShard.map(() => false));
    await applyCeiling(runtime, 'sale', SECTION, ceilingOf(TOTAL_FEN, 1));
    expect(await sums(runtime)).toMatchObject({ held: 0, spent: 20_000, issuable: 70_000 });
  });

  it('marks no shard if a slow worker applies it after a later ceiling was applied', async () => {
    const { runtime } = await world();
    await opened(runtime);
    const send = runtime.dynamodb.send.bind(runtime.dynamodb) as (command: object) => Promise<object>;
    let isOvertaken = false;
    const slow: Runtime = {
      ...runtime,
      dynamodb: {
        send: (async (command: { constructor: { name: string } }) => {
          if (command.constructor.name === 'UpdateItemCommand' && !isOvertaken) {
            isOvertaken = true;
            await applyCeiling(runtime, 'sale', SECTION, ceilingOf(60_000, 2));
          }
          return send(command);
        }) as never,
      },
    };
    await applyCeiling(slow, 'sale', SECTION, ceilingOf(30_000, 1));
    expect(isOvertaken).toBe(true);
    expect(await sums(runtime)).toEqual({ spent: 0, issuable: 60_000, held: 30_000 });
  });

  it('applies to shards that an opening writes only afterwards', async () => {
    const { runtime } = await world();
    await putItemsOnce(runtime, 'sale', openingItems(layoutIn(SALE), SECTION).slice(0, 3));
    await applyCeiling(runtime, 'sale', SECTION, ceilingOf(45_000));
    await openCampaign(runtime, (await readStoredDefinition(runtime, 'sale'))!);
    expect(await sums(runtime)).toEqual({ spent: 0, issuable: 45_000, held: 45_000 });
  });

  it.each([
    [
      'beyond the budget',
      { pool: 'platform', ceilingFen: TOTAL_FEN + 1 },
      'data.ceilingFen: expected at most 90000',
    ],
    [
      'for a pool that does not exist',
      { pool: 'stores', ceilingFen: 1 },
      'data.pool: expected a pool of the campaign (platform)',
    ],
  ])('%s is refused', async (_, given, message) => {
    const { runtime, consume, queues } = await world();
    await opened(runtime);
    const event = eventOfCeiling({ ceilingFen: 0, second: 0 }, 0);
    const answer = await consume(eventOf({ ...event, data: { campaignId: 'sale', ...given } }));
    expect(answer.batchItemFailures).toEqual([]);
    expect(queues.of('rejects')).toHaveLength(1);
    expect(queues.of('rejects')[0]!.body).toContain(message);
    expect((await sums(runtime)).issuable).toBe(TOTAL_FEN);
  });

  it('is spread over shards to the fen, and never beyond what a shard has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 96 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (left, share) => {
          const amountFen = Math.floor(sumOf(left) * share);
          const spread = spreadOver(left, amountFen);
          expect(sumOf(spread)).toBe(amountFen);
          expect(spread.every((fen, i) => fen >= 0 && fen <= left[i]!)).toBe(true);
        },
      ),
    );
  });
});
