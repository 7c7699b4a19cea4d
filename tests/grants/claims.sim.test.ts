import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { type ClaimOutcome, carryOut } from '#domain/grants/claims.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { makeHandler } from '#lambdas/coupon/handler.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { coupons, definition, offer, order, START_MS } from '../coupons/factories.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { allGrants, couponMessage, debitedFen, eventId, heldFen, open } from '../support/coupon-world.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { budgetIn } from '../support/layouts.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const random = seededRandom(17);
const weather = new Weather(random);
const queues = new Queues(random, weather);

type Consumption = { writeUnits: number; transactions: number };

/** Adds up the write units that the answers to a client report, and counts its transactions. */
const meter = (client: DynamoDBClient): Consumption => {
  const consumption: Consumption = { writeUnits: 0, transactions: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const { ConsumedCapacity: capacity } = result.output as { ConsumedCapacity?: unknown };
      const isWrite = /^(BatchExecuteStatement|Put|Update|TransactWrite)/.test(context.commandName ?? '');
      for (const { CapacityUnits: units } of [capacity ?? []].flat() as { CapacityUnits: number }[]) {
        if (isWrite) consumption.writeUnits += units;
      }
      if (context.commandName === 'TransactWriteItemsCommand') consumption.transactions++;
      return result;
    },
    { step: 'initialize', name: 'meter', priority: 'low' },
  );
  return consumption;
};

describe('in the transactions that give out money,', () => {
  let dynoxide: Dynoxide;
  let consumption: Consumption;
  let outside: Outside;
  let runtime: Runtime;
  const grant = (claims: readonly GrantClaim[]) => carryOut(runtime, claims);

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    weather.strike(dynoxide.client);
    consumption = meter(dynoxide.client);
    outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: queues.sqs }, random });
    runtime = makeRuntime(outside);
  });
  afterAll(() => dynoxide.stop());

  const consumedBy = async (run: () => Promise<unknown>): Promise<Consumption> => {
    const before = { ...consumption };
    await run();
    return {
      writeUnits: consumption.writeUnits - before.writeUnits,
      transactions: consumption.transactions - before.transactions,
    };
  };

  const claimOf = (
    campaign: CampaignDefinition,
    member: string,
    given = campaign.coupons!.offers[0]!,
  ): GrantClaim => {
    const { campaignId } = campaign;
    const grant = couponGrant({
      campaignId,
      member,
      slot: 0,
      offer: given,
      arm: 'engine',
      trigger: 'presale',
      grantedMs: START_MS,
      reason: {},
      idKey: idKeyIn(campaignId),
    });
    return {
      debits: [{ grant, budget: budgetIn(campaignId, campaign.coupons!, budgetKeyOf('engine', given.pool)) }],
    };
  };

  const opened = async (
    campaignId: string,
    totalFen: number,
    shards: number,
  ): Promise<CampaignDefinition> => {
    const campaign = definition(
      campaignId,
      coupons({
        budgets: [{ pool: 'platform', totalFen, presaleShare: 0 }],
        offers: [offer(), offer({ offerId: 'fifty', discountFen: 5_000 })],
        shards,
      }),
    );
    await open(runtime, campaign);
    return campaign;
  };

  const members = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-m${i}`);

  it('99 grants share one debit: two write units for each grant, and two for the debit', async () => {
    const campaign = await opened('ninety-nine', 1_000_000, 4);
    const claims = members('ninety-nine', 99).map((member) => claimOf(campaign, member));
    const { writeUnits, transactions } = await consumedBy(() => grant(claims));
    expect({ writeUnits, transactions }).toEqual({ writeUnits: 99 * 2 + 2, transactions: 1 });
    console.log(`a presale grant: ${(writeUnits / 99).toFixed(3)} write units`);
    expect(heldFen(await allGrants(dynoxide.client, 'ninety-nine'))).toEqual({ 'engine/platform': 99_000 });
  });

  it('a grant that was made before is returned as known and costs no money again', async () => {
    const campaign = await opened('known', 1_000_000, 2);
    const claims = members('known', 50).map((member) => claimOf(campaign, member));
    await grant(claims.slice(0, 20));
    const outcomes = await grant(claims);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      ...Array<string>(20).fill('known'),
      ...Array<string>(30).fill('done'),
    ]);
    expect(outcomes[3]).toMatchObject({ grant: { member: 'known-m3', trigger: 'presale', state: 'live' } });
    expect(await debitedFen(runtime, campaign)).toEqual({ 'engine/platform': 50_000 });
  });

  it.each([
    { name: 'two-of-96', shards: [96, 96], totals: [1_152, 1_152], kind: 'done' },
    { name: 'of-96-8-and-8', shards: [96, 8, 8], totals: [1_010, 1_000, 1_000], kind: 'done' },
    { name: 'one-is-short', shards: [96, 96], totals: [1_152, 960], kind: 'refused' },
  ])(
    'a claim on budgets of several campaigns, with little in each shard, is decided in at most six transactions: $name',
    async ({ name, shards, totals, kind }) => {
      const campaigns: CampaignDefinition[] = [];
      for (const [i, of] of shards.entries()) campaigns.push(await opened(`${name}-${i}`, totals[i]!, of));
      const debits = campaigns.flatMap((campaign) => claimOf(campaign, `${name}-m`).debits);
      let outcomes: ClaimOutcome[] = [];
      const { transactions } = await consumedBy(async () => {
        outcomes = await grant([{ debits }]);
      });
      expect(outcomes.map((outcome) => outcome.kind)).toEqual([kind]);
      expect(transactions).toBeLessThanOrEqual(6);
      for (const campaign of campaigns)
        expect(await debitedFen(runtime, campaign)).toEqual(
          kind === 'done' ? { 'engine/platform': 1_000 } : {},
        );
    },
  );

  it('a budget is spent until less than a coupon is left, even if no shard alone has enough for one', async () => {
    const campaign = await opened('swept', 24_900, 96);
    const claims = members('swept', 40).map((member) => claimOf(campaign, member));
    const outcomes = await grant(claims);
    expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(24);
    expect(outcomes.filter(({ kind }) => kind === 'refused')).toHaveLength(16);
    expect(outcomes.find(({ kind }) => kind === 'refused')).toMatchObject({
      reason: 'budget-empty',
      remainingFen: 900,
    });
    expect(await debitedFen(runtime, campaign)).toEqual({ 'engine/platform': 24_000 });
  });

  it('a large coupon that the budget cannot pay does not stop smaller ones after it', async () => {
    const campaign = await opened('passed-over', 7_000, 3);
    const [small, large] = campaign.coupons!.offers;
    const outcomes = await grant(
      [large, large, small, small, small].map((given, i) => claimOf(campaign, `passed-over-m${i}`, given)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'refused', 'done', 'done', 'refused']);
  });

  it('money that comes back can be granted again', async () => {
    const campaign = await opened('returned', 2_000, 2);
    await grant(members('returned', 2).map((member) => claimOf(campaign, member)));
    const [third] = await grant([claimOf(campaign, 'returned-m9')]);
    expect(third).toMatchObject({ kind: 'refused' });
    const grants = await allGrants(dynoxide.client, 'returned');
    const expiry = (grant: StoredGrant): GrantClaim => ({
      debits: [],
      change: { grant, state: 'expired', budget: budgetIn('returned', campaign.coupons!, grant.budget) },
    });
    expect(await grant(grants.map(expiry))).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    expect(await grant(grants.map(expiry))).toEqual([{ kind: 'stale' }, { kind: 'stale' }]);
    expect(await debitedFen(runtime, campaign)).toEqual({});
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await grant([claimOf(campaign, 'returned-m9')])).toEqual([{ kind: 'done' }]);
  });

  it.each([
    ['conflicts', { ...NO_FAULTS, conflict: 0.5 }],
    ['throttles', { ...NO_FAULTS, throttle: 0.4 }],
    ['lost answers', { ...NO_FAULTS, lostAnswer: 0.4 }],
  ])('%s change nothing about what is granted and debited', async (name, rates) => {
    const campaignId = `weather-${name.replace(' ', '-')}`;
    const campaign = await opened(campaignId, 60_500, 5);
    const claims = members(campaignId, 80).map((member) => claimOf(campaign, member));
    weather.rates = rates;
    // If a read fails for good, its claims fail too. They are then delivered again.
    const persist = async (own: readonly GrantClaim[]): Promise<ClaimOutcome[]> => {
      for (;;) {
        try {
          return (await weather.work(() => grant(own)))!;
        } catch (error) {
          expect((error as Error).name).toMatch(/^(ProvisionedThroughputExceededException|TimeoutError)$/);
        }
      }
    };
    const results = await Promise.all(
      [0, 1, 2, 3].map((worker) => persist(claims.filter((_, i) => i % 4 === worker || i % 8 === 7))),
    );
    weather.rates = NO_FAULTS;
    const outcomes = results.flat();
    const grants = await allGrants(dynoxide.client, campaignId);
    expect(grants).toHaveLength(60);
    expect(await debitedFen(runtime, campaign)).toEqual(heldFen(grants));
    expect(outcomes.filter(({ kind }) => kind === 'refused').length).toBeGreaterThanOrEqual(20);
  });

  it('a failure that no repetition repairs is thrown as an error', async () => {
    const campaign = await opened('fault', 10_000, 1);
    const claim = claimOf(campaign, 'fault-m');
    await expect(grant([claim, claim])).rejects.toThrow('multiple operations on one item');
    expect(await allGrants(dynoxide.client, 'fault')).toEqual([]);
  });

  it('a decision on an order costs what the design predicts', async () => {
    const section = coupons({
      budgets: [{ pool: 'platform', totalFen: 100_000_000, presaleShare: 0 }],
      offers: Array.from({ length: 10 }, (_, i) =>
        offer({ offerId: `offer-${i}`, thresholdFen: 5_000 + 500 * i, discountFen: 500 + 100 * i }),
      ),
      perMemberLimit: 1,
    });
    await open(runtime, definition('units', section));
    const consume = consumerOf(makeHandler(outside));
    const deliver = (round: number, count: number) => {
      const events = members('units', count).map((member) =>
        order({
          id: eventId(`${member}-${round}`),
          orderId: `${member}-${round}`,
          member,
          timeMs: START_MS + round,
        }),
      );
      return consume(eventOf(couponMessage(['units'], events)));
    };
    // First, each member makes 32 orders, so that the profiles have reached their full size.
    for (let round = 1; round <= 32; round++) await deliver(round, 49);
    await open(runtime, definition('units-full', section));
    const given = await consumedBy(async () => {
      const events = members('units', 49).map((member) =>
        order({ id: eventId(`${member}-full`), orderId: `${member}-full`, member, timeMs: START_MS + 99 }),
      );
      await consume(eventOf(couponMessage(['units-full'], events)));
    });
    const withheld = await consumedBy(() => deliver(33, 49));
    const alone = await consumedBy(async () => {
      const event = order({ id: eventId('alone'), orderId: 'alone', member: 'units-alone' });
      await consume(eventOf(couponMessage(['units'], [event])));
    });
    const grants = await allGrants(dynoxide.client, 'units-full');
    console.table({
      'a coupon, 49 members a batch': {
        predicted: (2 + 2 + 2 / 49).toFixed(3),
        measured: (given.writeUnits / 49).toFixed(3),
      },
      'a coupon, alone in its batch': { predicted: '6.000', measured: alone.writeUnits.toFixed(3) },
      'no coupon': { predicted: '1.000', measured: (withheld.writeUnits / 49).toFixed(3) },
    });
    expect(grants).toHaveLength(49);
    expect(given).toEqual({ writeUnits: 49 * 4 + 2, transactions: 1 });
    expect(withheld).toEqual({ writeUnits: 49, transactions: 0 });
    expect(alone).toEqual({ writeUnits: 6, transactions: 1 });
  });
});
