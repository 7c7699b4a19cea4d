import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Budget, budgetKeyOf } from '#domain/campaigns/budget.ts';
import { budgetItems, creditAction, debitAction } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { applyClosing, readClosing, readClosingProgress } from '#domain/campaigns/closing.ts';
import { readSwitch } from '#domain/campaigns/issuing-switch.ts';
import { budgetOf, QUOTA_KEY } from '#domain/campaigns/layout.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { openCampaign } from '#domain/presale/open-campaign.ts';
import { makeHandler } from '#lambdas/presale/handler.ts';
import type { Runtime } from '#platform/runtime.ts';
import { coupons, definition, offer, START_MS } from '../coupons/factories.ts';
import { instantRules } from '../free-orders/factory.ts';
import { mortalWorker, shardsAccept } from '../support/budget-shards.ts';
import { registerFormerly } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { budgetIn } from '../support/layouts.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside, testRuntime } from '../support/runtime.ts';

const SHARDS = 5;
const SALE = definition(
  'sale',
  coupons({
    arms: { engine: 60, baseline: 30, control: 10 },
    baselineOffer: 'ten',
    offers: [offer()],
    budgets: [{ pool: 'platform', totalFen: 90_000, presaleShare: 0 }],
    shards: SHARDS,
  }),
);
const WITH_DRAW = { ...SALE, freeOrders: instantRules({}) };

const COMMANDS = ['campaign.paused', 'campaign.resumed', 'campaign.closed'] as const;
type Command = { id: string; type: (typeof COMMANDS)[number]; time: string };

const someCommands = fc
  .array(fc.record({ type: fc.constantFrom(...COMMANDS), second: fc.nat(3) }), { minLength: 1, maxLength: 6 })
  .map((given) =>
    given.map(
      ({ type, second }, i): Command => ({
        id: `event-${i}`,
        type,
        time: new Date(START_MS + second * 1_000).toISOString(),
      }),
    ),
  );

/** Opens the sale, or has the previous version open it; returns its coupon budgets and the quota of its draw. */
const opened = async (
  runtime: Runtime,
  isFormer = false,
): Promise<{ ofCoupons: Budget[]; quota: Budget }> => {
  const layout = isFormer
    ? await registerFormerly(runtime, WITH_DRAW)
    : (await registerCampaign(runtime, WITH_DRAW)).stored.layout;
  const quota = budgetOf(layout, QUOTA_KEY);
  await putItemsOnce(runtime, 'sale', [...openingItems(layout, SALE.coupons), ...budgetItems(quota, 1_000)]);
  return { ofCoupons: campaignBudgets(SALE.coupons!).map(({ key }) => budgetOf(layout, key)), quota };
};

const all = ({ shards }: Budget, value: boolean): boolean[] => Array(shards).fill(value);

describe('closing a campaign', () => {
  it('is final and counts from the earliest closing, however late and often closings, pauses and resumptions come', async () => {
    await fc.assert(
      fc.asyncProperty(
        someCommands.chain((events) =>
          fc.record({
            isFormer: fc.boolean(),
            events: fc.constant(events),
            deliveries: fc.array(fc.array(fc.constantFrom(...events), { maxLength: 3 }), { maxLength: 4 }),
            last: fc.shuffledSubarray(events, { minLength: events.length }),
          }),
        ),
        async ({ isFormer, events, deliveries, last }) => {
          const random = seededRandom(1);
          const queues = new Queues(random, new Weather(random));
          const outside = testOutside({ clients: { dynamodb: emulatedTables(), sqs: queues.sqs } });
          const runtime = testRuntime({ clients: { dynamodb: outside.clients.dynamodb } });
          const { ofCoupons, quota } = await opened(runtime, isFormer);
          const consume = consumerOf(makeHandler(outside));
          const deliver = (event: Command) =>
            consume(eventOf({ specversion: '1.0', source: '/ops', data: { campaignId: 'sale' }, ...event }));
          for (const together of deliveries) await Promise.all(together.map(deliver));
          for (const event of last) await deliver(event);

          const closings = events.filter(({ type }) => type === 'campaign.closed').map(({ time }) => time);
          const isClosed = closings.length > 0;
          const { isPaused } = await readSwitch(runtime, 'sale');
          expect(await readClosing(runtime, 'sale')).toBe(
            isClosed ? Date.parse(closings.toSorted()[0]!) : undefined,
          );
          for (const budget of ofCoupons) {
            expect(await shardsAccept(runtime, budget, debitAction)).toEqual(
              all(budget, !isClosed && !isPaused),
            );
            expect(await shardsAccept(runtime, budget, creditAction)).toEqual(all(budget, true));
          }
          // A draw was announced to last until its own end, so no closing stops it. A pause does.
          expect(await shardsAccept(runtime, quota, debitAction)).toEqual(all(quota, !isPaused));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is completed by a redelivery if a worker dies between two shards', async () => {
    const { runtime, mortal } = mortalWorker();
    await opened(runtime);
    await expect(mortal(() => applyClosing(runtime, SALE, START_MS))).rejects.toThrow('died');
    const halfway = await readClosingProgress(runtime, SALE);
    expect(halfway.closed).toBeLessThan(halfway.shards);
    await applyClosing(runtime, SALE, START_MS);
    expect(await readClosingProgress(runtime, SALE)).toEqual({
      closedMs: START_MS,
      shards: 2 * SHARDS,
      closed: 2 * SHARDS,
      notIssuedFen: { 'engine/platform': 60_000, 'baseline/platform': 30_000 },
    });
  });

  it('applies to shards that an opening writes only afterwards', async () => {
    const random = seededRandom(1);
    const queues = new Queues(random, new Weather(random));
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables(), sqs: queues.sqs } });
    const { stored } = await registerCampaign(runtime, SALE);
    await applyClosing(runtime, SALE, START_MS);
    await openCampaign(runtime, stored);
    const budget = budgetIn('sale', SALE.coupons!, budgetKeyOf('engine', 'platform'));
    expect(await shardsAccept(runtime, budget, debitAction)).toEqual(all(budget, false));
  });
});
