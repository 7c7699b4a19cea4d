import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Budget } from '#domain/campaigns/budget.ts';
import { budgetItems, debitAction } from '#domain/campaigns/budget-items.ts';
import { listCampaign, putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import {
  applySwitch,
  type IssuingSwitch,
  readSwitchProgress,
  switchOfEvent,
} from '#domain/campaigns/issuing-switch.ts';
import type { CampaignSwitched } from '#events/contract.ts';
import { makeHandler } from '#lambdas/presale/handler.ts';
import { sumOf } from '#platform/collections.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { instantRules } from '../free-orders/factory.ts';
import { mortalWorker, shardsAccept } from '../support/budget-shards.ts';
import { registerFormerly } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { START_MS } from '../support/presale-members.ts';
import { campaign, coupons } from '../support/presale-world.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside, testRuntime } from '../support/runtime.ts';

const SALE = { ...campaign({ coupons: coupons({ shards: 5 }) }), freeOrders: instantRules({}) };

const eventAt = (type: CampaignSwitched['type'], timeMs: number, id: string): CampaignSwitched => ({
  specversion: '1.0',
  type,
  id,
  source: '/ops',
  time: new Date(timeMs).toISOString(),
  data: { campaignId: 'sale' },
});

/** Opens the sale, as the previous version did if `isFormer`, and returns its budgets and quotas. */
const opened = async (runtime: Runtime, isFormer = false): Promise<readonly Budget[]> => {
  const { budgets } = isFormer
    ? await registerFormerly(runtime, SALE)
    : (await registerCampaign(runtime, SALE)).stored.layout;
  await putItemsOnce(
    runtime,
    'sale',
    budgets.flatMap((budget) => budgetItems(budget, 1_000)),
  );
  await listCampaign(runtime, SALE);
  return budgets;
};

/** Whether each shard of each budget takes a debit. */
const debits = async (runtime: Runtime, budgets: readonly Budget[]): Promise<boolean[]> =>
  (await Promise.all(budgets.map((budget) => shardsAccept(runtime, budget, debitAction)))).flat();

const shardsOf = (budgets: readonly Budget[]): number => sumOf(budgets.map(({ shards }) => shards));

/** A few events at few times, so that many have the same time. */
const someEvents = fc
  .array(
    fc.record({
      type: fc.constantFrom('campaign.paused' as const, 'campaign.resumed' as const),
      second: fc.nat(3),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((given) => given.map(({ type, second }, i) => eventAt(type, START_MS + second * 1_000, `event-${i}`)));

const latest = (events: readonly CampaignSwitched[]): IssuingSwitch =>
  events.map(switchOfEvent).reduce((last, one) => (one.order > last.order ? one : last));

describe('pausing and resuming a campaign', () => {
  it('leaves the state of the latest event, even if events come repeatedly, concurrently and out of order', async () => {
    await fc.assert(
      fc.asyncProperty(
        someEvents.chain((events) =>
          fc.record({
            isFormer: fc.boolean(),
            events: fc.constant(events),
            deliveries: fc.array(fc.array(fc.constantFrom(...events), { maxLength: 3 }), { maxLength: 5 }),
            last: fc.shuffledSubarray(events, { minLength: events.length }),
          }),
        ),
        async ({ isFormer, events, deliveries, last }) => {
          const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
          const budgets = await opened(runtime, isFormer);
          const all = shardsOf(budgets);
          const deliver = (event: CampaignSwitched) => applySwitch(runtime, 'sale', switchOfEvent(event));
          for (const together of deliveries) await Promise.all(together.map(deliver));
          for (const event of last) await deliver(event);
          const expected = latest(events);
          const { state, shards, switched } = await readSwitchProgress(runtime, 'sale');
          expect(state).toEqual(expected);
          expect({ shards, switched }).toEqual({ shards: all, switched: all });
          expect(await debits(runtime, budgets)).toEqual(Array(all).fill(!expected.isPaused));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is completed by a redelivery if a worker dies between two shards', async () => {
    const { runtime, mortal } = mortalWorker();
    const budgets = await opened(runtime);
    const paused = switchOfEvent(eventAt('campaign.paused', START_MS, 'pause'));
    await expect(mortal(() => applySwitch(runtime, 'sale', paused))).rejects.toThrow('died');
    const halfway = await readSwitchProgress(runtime, 'sale');
    expect(halfway.switched).toBeLessThan(halfway.shards);
    expect(await applySwitch(runtime, 'sale', paused)).toBe(true);
    expect(await debits(runtime, budgets)).toEqual(Array(shardsOf(budgets)).fill(false));
  });

  it('adds no write unit to the cost of a debit, before or after a pause', async () => {
    const units: number[] = [];
    const dynamodb = emulatedTables();
    const runtime = makeRuntime(testOutside({ clients: { dynamodb } }));
    const [budget] = await opened(runtime);
    const debit = async (): Promise<void> => {
      const { Update } = debitAction(runtime, budget!, { shard: 0, amountFen: 1 });
      const answer = await dynamodb.send(
        new UpdateItemCommand({ ...Update!, ReturnConsumedCapacity: 'TOTAL' } as never),
      );
      units.push(answer.ConsumedCapacity!.CapacityUnits!);
    };
    await debit();
    await applySwitch(runtime, 'sale', switchOfEvent(eventAt('campaign.paused', START_MS, 'pause')));
    await expect(debit()).rejects.toThrow('conditional');
    await applySwitch(runtime, 'sale', switchOfEvent(eventAt('campaign.resumed', START_MS + 1, 'resume')));
    await debit();
    expect(units).toEqual([1, 1]);
  });
});

describe('the presale function', () => {
  const random = seededRandom(3);

  it('waits over five deliveries for a campaign that is not open, and then refuses the event', async () => {
    const queues = new Queues(random, new Weather(random));
    const consume = consumerOf(
      makeHandler(testOutside({ clients: { dynamodb: emulatedTables(), sqs: queues.sqs } })),
    );
    const record = eventOf(eventAt('campaign.paused', START_MS, 'pause')).Records[0]!;
    const deliver = (count: number) =>
      consume({
        Records: [
          { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(count) } },
        ],
      });
    for (const count of [1, 2, 3, 4, 5])
      expect((await deliver(count)).batchItemFailures, `delivery ${count}`).toHaveLength(1);
    expect(queues.of('rejects')).toEqual([]);
    expect((await deliver(6)).batchItemFailures).toEqual([]);
    expect(queues.of('rejects').map(({ body }) => JSON.parse(body))).toMatchObject([
      { reason: 'no-open-campaign', field: 'data.campaignId', event: { type: 'campaign.paused' } },
    ]);
  });
});
