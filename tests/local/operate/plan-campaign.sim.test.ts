import { describe, expect, it } from 'vitest';
import { registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { advanceSegment } from '#domain/presale/advance-segment.ts';
import { openCampaign } from '#domain/presale/open-campaign.ts';
import type { Pass } from '#domain/presale/segment.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { type CampaignPlan, planCampaign } from '#local/operate/plan-campaign.ts';
import type { Runtime } from '#platform/runtime.ts';
import { emulatedTables } from '../../support/emulated-tables.ts';
import { Weather } from '../../support/faults.ts';
import { campaign, coupons, fillMembers, offer, readBooks } from '../../support/presale-world.ts';
import { Queues } from '../../support/queues.ts';
import { seededRandom } from '../../support/random.ts';
import { testRuntime } from '../../support/runtime.ts';

const MEMBERS = 600;
const SEGMENTS = 32;

const world = async (): Promise<{ runtime: Runtime; writes: () => number; books: typeof booksOf }> => {
  let writes = 0;
  const dynamodb = emulatedTables({
    before: async ({ name }) => {
      if (!['GetItem', 'Query', 'Scan', 'BatchGetItem'].includes(name)) writes++;
    },
  });
  const random = seededRandom(7);
  const queues = new Queues(random, new Weather(random));
  const runtime = testRuntime({ clients: { dynamodb, sqs: queues.sqs } });
  await fillMembers(dynamodb as never, MEMBERS, random);
  const before = writes;
  return { runtime, writes: () => writes - before + queues.of('audience').length, books: booksOf };
};

/** Carries out a campaign's presale, and returns how many coupons it gave, by arm and offer. */
const booksOf = async (runtime: Runtime, definition: CampaignDefinition): Promise<Map<string, number>> => {
  const { campaignId } = definition;
  await openCampaign(runtime, (await registerCampaign(runtime, definition)).stored);
  const passes: Pass[] =
    definition.coupons!.budgets.length > 1 ? ['plan', 'correct', 'issue'] : ['plan', 'issue'];
  for (const pass of passes)
    for (let index = 0; index < SEGMENTS; index++)
      await advanceSegment(
        runtime,
        { pass, segment: { campaignId, index, segments: SEGMENTS } },
        Number.POSITIVE_INFINITY,
      );
  const { grants } = await readBooks(runtime.dynamodb as never, campaignId);
  return new Map(
    [...Map.groupBy(grants, ({ budget, offer: offerId }) => `${budget.split('/')[0]} ${offerId}`)].map(
      ([name, { length }]) => [name, length],
    ),
  );
};

const plannedOf = ({ groups }: CampaignPlan): Map<string, number> =>
  new Map(groups.map(({ arm, offerId, coupons: count }) => [`${arm} ${offerId}`, count]));

const sorted = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => a.localeCompare(b));

describe('planning a campaign', () => {
  it.each([
    ['one budget', campaign()],
    ['one budget and random choices', campaign({ coupons: coupons({ epsilon: 0.2 }) })],
    [
      'several budgets',
      campaign({
        coupons: coupons({
          budgets: [
            { pool: 'platform', totalFen: 150_000, presaleShare: 0.5 },
            { pool: 'brand', totalFen: 90_000, presaleShare: 0.4 },
          ],
          offers: [
            offer({ offerId: 'five', thresholdFen: 5_000, discountFen: 500 }),
            offer({ offerId: 'ten', thresholdFen: 8_000, discountFen: 1_000 }),
            offer({ offerId: 'brand', pool: 'brand', thresholdFen: 10_000, discountFen: 1_500 }),
          ],
        }),
      }),
    ],
  ])('predicts exactly what the presale gives, with %s, and writes nothing', async (_, definition) => {
    const { runtime, writes, books } = await world();
    const plan = await planCampaign(runtime, definition);
    expect(writes()).toBe(0);
    const given = await books(runtime, definition);
    expect(given.size).toBeGreaterThan(1);
    expect(sorted(plannedOf(plan))).toEqual(sorted(given));
    expect(Object.values(plan.members).reduce((sum, count) => sum + count)).toBe(MEMBERS);
  });

  it('expects fewer uses than coupons, and gives intervals more than half as wide as chance alone makes them', async () => {
    const { runtime } = await world();
    const plan = await planCampaign(runtime, campaign());
    for (const { coupons: count, faceFen, redemptions, moreOrders } of [...plan.arms, ...plan.groups]) {
      expect(faceFen).toBeGreaterThan(0);
      expect(redemptions.estimate).toBeGreaterThan(0);
      expect(redemptions.estimate).toBeLessThan(count);
      expect(moreOrders.estimate).toBeLessThan(redemptions.estimate);
      const share = redemptions.estimate / count;
      expect(redemptions.high - redemptions.estimate).toBeGreaterThan(
        0.5 * 1.96 * Math.sqrt(count * share * (1 - share)),
      );
      expect(moreOrders.low).toBeLessThan(moreOrders.estimate);
    }
    const spent = (name: string) => plan.arms.find(({ arm }) => arm === name)!;
    for (const { coupons: count, faceFen } of plan.arms) expect(count).toBeLessThan(faceFen);
    expect(spent('engine').faceFen).toBeLessThanOrEqual(1.05 * spent('engine').presaleFen);
    expect(plan.presalePrices['engine/platform']![0]).toBeGreaterThan(0);
    // A few hundred coupons that are seldom used cannot show an effect of 15 %.
    expect(plan.readout).toMatchObject({ isEnough: false });
    expect(plan.readout!.membersNeeded).toBeGreaterThan(MEMBERS);
  });

  it('refuses a campaign without coupons, and gives no readout without a second arm', async () => {
    const { runtime } = await world();
    const { coupons: section, ...bare } = campaign();
    await expect(planCampaign(runtime, bare)).rejects.toThrow('campaign sale: expected one with coupons');
    const { baselineOffer: _, ...alone } = { ...section!, arms: { engine: 100, baseline: 0, control: 0 } };
    expect(await planCampaign(runtime, campaign({ coupons: alone }))).not.toHaveProperty('readout');
  });
});
