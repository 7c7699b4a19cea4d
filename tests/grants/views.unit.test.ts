import { describe, expect, it } from 'vitest';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import type { ProgressKey } from '#domain/campaigns/progress-items.ts';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant, type Grant } from '#domain/grants/grant.ts';
import { startOver } from '#domain/grants/rounds.ts';
import { scanExpired } from '#domain/pacing/expired-grants.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { coupons, definition, offer, START_MS } from '../coupons/factories.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { budgetIn } from '../support/layouts.ts';
import { testRuntime } from '../support/runtime.ts';

const FACE_FEN = 1_000;

/** Two workers on the same tables, whose clock a test moves. */
const twoWorkers = () => {
  const calls = { transactions: 0 };
  const time = { nowMs: START_MS };
  const dynamodb = emulatedTables({
    before: async ({ name }) => {
      if (name === 'TransactWriteItems') calls.transactions++;
    },
  });
  const worker = () =>
    testRuntime({
      clients: { dynamodb },
      clock: {
        nowMs: () => time.nowMs,
        wait: async (ms) => {
          time.nowMs += ms;
        },
      },
    });
  return { time, calls, one: worker(), other: worker() };
};

const campaignOf = (campaignId: string, shards: number, totalFen: number): CampaignDefinition =>
  definition(
    campaignId,
    coupons({
      budgets: [{ pool: 'platform', totalFen, presaleShare: 0 }],
      offers: [offer({ discountFen: FACE_FEN })],
      arms: { engine: 100, baseline: 0, control: 0 },
      shards,
    }),
  );

const grantOf = ({ campaignId, coupons: section }: CampaignDefinition, member: string): Grant =>
  couponGrant({
    campaignId,
    member,
    slot: 0,
    offer: section!.offers[0]!,
    arm: 'engine',
    trigger: 'order',
    grantedMs: START_MS,
    reason: {},
    idKey: idKeyIn(campaignId),
  });

const budgetOfCampaign = ({ campaignId, coupons: section }: CampaignDefinition) =>
  budgetIn(campaignId, section!, budgetKeyOf('engine', 'platform'));

const claimOf = (campaign: CampaignDefinition, member: string) => ({
  debits: [{ grant: grantOf(campaign, member), budget: budgetOfCampaign(campaign) }],
});

describe("a worker's view of a budget", () => {
  it('that was empty is read again after a second, because money may have come back', async () => {
    const { time, one, other } = twoWorkers();
    const campaign = campaignOf('empty', 1, FACE_FEN);
    await open(one, campaign);
    const kinds = async (member: string) => (await carryOut(one, [claimOf(campaign, member)]))[0]!.kind;
    expect([await kinds('m1'), await kinds('m2')]).toEqual(['done', 'refused']);
    const grant = { ...grantOf(campaign, 'm1'), state: 'live' as const, changes: 0 };
    const change = { grant, state: 'expired' as const, budget: budgetOfCampaign(campaign) };
    await carryOut(other, [{ debits: [], change }]);
    time.nowMs += 1_001;
    expect(await kinds('m3')).toBe('done');
  });

  it('that turns out to be wrong is read again, and not corrected one shard after the other', async () => {
    const { time, calls, one, other } = twoWorkers();
    const shards = 64;
    const campaign = campaignOf('drained', shards, shards * FACE_FEN);
    await open(one, campaign);
    // No single shard has enough for this claim, so the worker reads the whole budget, which is full.
    const large = offer({ offerId: 'large', discountFen: 2 * FACE_FEN });
    const grant = { ...grantOf(campaign, 'm0'), offer: large.offerId, faceFen: 2 * FACE_FEN };
    await carryOut(one, [{ debits: [{ grant, budget: budgetOfCampaign(campaign) }] }]);
    for (let i = 1; i < shards - 2; i++) await carryOut(other, [claimOf(campaign, `m${i}`)]);
    time.nowMs += 60_000;
    const before = calls.transactions;
    expect(await carryOut(one, [claimOf(campaign, 'last')])).toEqual([{ kind: 'done' }]);
    expect(calls.transactions - before).toBeLessThanOrEqual(2);
  });
});

describe('a sweep', () => {
  it('finds a coupon that expires at this very millisecond, but not one that expires a millisecond later', async () => {
    const { one } = twoWorkers();
    const campaign = campaignOf('ending', 1, FACE_FEN);
    await open(one, campaign);
    await carryOut(one, [claimOf(campaign, 'm1')]);
    const { expiresMs } = grantOf(campaign, 'm1');
    expect((await scanExpired(one, undefined, expiresMs)).expired).toHaveLength(1);
    expect((await scanExpired(one, undefined, expiresMs - 1)).expired).toEqual([]);
  });

  it('begins again when its pause is over, and not before', async () => {
    const { one } = twoWorkers();
    const key: ProgressKey = { campaign: '#sweep', item: 'GRANTS' };
    await advance(one, key, await readProgress(one, key), { isDone: true, doneMs: START_MS });
    await startOver(one, key, 60_000, START_MS + 59_999);
    expect((await readProgress(one, key)).isDone).toBe(true);
    await startOver(one, key, 60_000, START_MS + 60_000);
    expect((await readProgress(one, key)).isDone).toBe(false);
  });
});
