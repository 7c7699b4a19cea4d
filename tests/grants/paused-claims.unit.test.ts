import { describe, expect, it } from 'vitest';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { applyClosing } from '#domain/campaigns/closing.ts';
import { applySwitch } from '#domain/campaigns/issuing-switch.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { coupons, definition, offer, START_MS } from '../coupons/factories.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { allGrants, debitedFen, heldFen, open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { budgetIn } from '../support/layouts.ts';
import { testRuntime } from '../support/runtime.ts';

const opened = async (
  campaignId: string,
  { totalFen = 100_000, shards = 4 } = {},
): Promise<{ runtime: Runtime; campaign: CampaignDefinition; transactions: () => number }> => {
  let transactions = 0;
  const dynamodb = emulatedTables({
    before: async ({ name }) => {
      if (name === 'TransactWriteItems') transactions++;
    },
  });
  const runtime = testRuntime({ clients: { dynamodb } });
  const budgets = [{ pool: 'platform', totalFen, presaleShare: 0 }];
  const campaign = definition(campaignId, coupons({ budgets, offers: [offer()], shards }));
  await open(runtime, campaign);
  return { runtime, campaign, transactions: () => transactions };
};

const claimOf = ({ campaignId, coupons: section }: CampaignDefinition, member: string): GrantClaim => ({
  debits: [
    {
      grant: couponGrant({
        campaignId,
        member,
        slot: 0,
        offer: section!.offers[0]!,
        arm: 'engine',
        trigger: 'presale',
        grantedMs: START_MS,
        reason: {},
        idKey: idKeyIn(campaignId),
      }),
      budget: budgetIn(campaignId, section!, budgetKeyOf('engine', 'platform')),
    },
  ],
});

const pause = (runtime: Runtime, campaignId: string) =>
  applySwitch(runtime, campaignId, { isPaused: true, sinceMs: START_MS, order: '1' });
const resume = (runtime: Runtime, campaignId: string) =>
  applySwitch(runtime, campaignId, { isPaused: false, sinceMs: START_MS, order: '2' });

describe('claims of a paused or closed campaign', () => {
  it('are all refused as paused if they share a transaction, and never because a budget is spent', async () => {
    const { runtime, campaign, transactions } = await opened('sale');
    const claims = Array.from({ length: 50 }, (_, i) => claimOf(campaign, `m${i}`));
    await pause(runtime, 'sale');
    const before = transactions();
    const outcomes = await carryOut(runtime, claims);
    expect(new Set(outcomes.map((outcome) => outcome.kind === 'refused' && outcome.reason))).toEqual(
      new Set(['paused']),
    );
    expect(transactions() - before).toBe(1);
    expect(await debitedFen(runtime, campaign)).toEqual({});
    await resume(runtime, 'sale');
    expect((await carryOut(runtime, claims)).every(({ kind }) => kind === 'done')).toBe(true);
    expect(await debitedFen(runtime, campaign)).toEqual({ 'engine/platform': 50_000 });
  });

  it('are refused as closed once the campaign is closed, even if it is paused before or resumed after', async () => {
    const { runtime, campaign } = await opened('sale');
    const [made, missed] = [claimOf(campaign, 'made'), claimOf(campaign, 'missed')];
    await carryOut(runtime, [made]);
    await pause(runtime, 'sale');
    await applyClosing(runtime, campaign, START_MS);
    const expected = [{ kind: 'known' }, { kind: 'refused', reason: 'closed' }];
    expect(await carryOut(runtime, [made, missed])).toMatchObject(expected);
    await resume(runtime, 'sale');
    expect(await carryOut(runtime, [made, missed])).toMatchObject(expected);
    expect(await debitedFen(runtime, campaign)).toEqual({ 'engine/platform': 1_000 });
  });

  it('are known, and not refused, if they were carried out before the pause', async () => {
    const { runtime, campaign } = await opened('sale');
    const [made, missed] = [claimOf(campaign, 'made'), claimOf(campaign, 'missed')];
    await carryOut(runtime, [made]);
    await pause(runtime, 'sale');
    expect(await carryOut(runtime, [made, missed])).toMatchObject([
      { kind: 'known', grant: { member: 'made' } },
      { kind: 'refused', reason: 'paused' },
    ]);
  });

  it('are refused even if their money lies scattered over more shards than a transaction has room for', async () => {
    const { runtime, campaign } = await opened('sale', { totalFen: 1_000, shards: 96 });
    const other = definition('other', campaign.coupons!);
    await open(runtime, other);
    const both: GrantClaim = {
      debits: [...claimOf(campaign, 'm').debits, ...claimOf(other, 'm').debits],
    };
    await pause(runtime, 'sale');
    expect(await carryOut(runtime, [both])).toMatchObject([
      { kind: 'refused', reason: 'paused', budget: { campaignId: 'sale' } },
    ]);
    expect(await debitedFen(runtime, other)).toEqual({});
  });

  it('are carried out if they give nothing out: coupons are redeemed, and expired ones give their money back', async () => {
    const { runtime, campaign } = await opened('sale');
    await carryOut(runtime, [claimOf(campaign, 'a'), claimOf(campaign, 'b')]);
    const [used, expired] = await allGrants(runtime.dynamodb as never, 'sale');
    await pause(runtime, 'sale');
    const outcomes = await carryOut(runtime, [
      {
        debits: [],
        change: {
          grant: used!,
          state: 'redeemed',
          redemption: { orderId: 'o1', paidFen: 9_000, refundedFen: 0, lines: [], otherOrders: [] },
        },
      },
      {
        debits: [],
        change: {
          grant: expired!,
          state: 'expired',
          budget: budgetIn('sale', campaign.coupons!, expired!.budget),
        },
      },
    ]);
    expect(outcomes).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    const grants = await allGrants(runtime.dynamodb as never, 'sale');
    expect(heldFen(grants)).toEqual({ 'engine/platform': 1_000 });
    expect(await debitedFen(runtime, campaign)).toEqual({ 'engine/platform': 1_000 });
  });
});
