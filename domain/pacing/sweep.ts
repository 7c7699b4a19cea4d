/** Frees the money of coupons that have expired unused. */
import { readCampaign } from '#domain/campaigns/extension.ts';
import { budgetOf, type Layout } from '#domain/campaigns/layout.ts';
import type { ProgressKey } from '#domain/campaigns/progress-items.ts';
import { readQuiet } from '#domain/campaigns/quiet.ts';
import { readReached } from '#domain/campaigns/reached.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { EFFECTS } from '#domain/grants/coupon-account.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { couponMetric, sendMetrics } from '#domain/grants/grant-events.ts';
import { readGrant } from '#domain/grants/grant-statements.ts';
import { startOver, workThrough } from '#domain/grants/rounds.ts';
import { erasedMemberOf } from '#domain/members/tombstones.ts';
import type { CampaignSettings } from '#events/campaign.ts';
import { type Coupons, DEFAULT_SETTLEMENT_HOURS } from '#events/sections/coupons.ts';
import { HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { scanExpired } from './expired-grants.ts';

/** No campaign's id begins like this. The sweep reads the grants of all campaigns. */
const SWEEP: ProgressKey = { campaign: '#sweep', item: 'GRANTS' };
/** The pause from the end of one sweep to the beginning of the next: with 10 M grants, a sweep costs 6 cents. */
const SWEEP_PAUSE_MS = 15 * MINUTE_MS;
/**
 * A round ends at this many grants. With its last page it holds fewer than 1,500. They take about 150 KB deflated, and an item
 * can hold 400 KB.
 */
const GRANTS_PER_ROUND = 500;
const TRIGGER = 'sweep';

type CouponCampaign = { settings: CampaignSettings; coupons: Coupons; layout: Layout };

/**
 * Frees the money of coupons that have expired unused and are settled: no order that is in time can still be on its way, from its
 * producer or in a queue of ours. It works until the deadline; the next call continues.
 */
export const sweep = async (
  runtime: Runtime,
  nowMs: number,
  deadlineMs: number,
): Promise<'done' | 'late'> => {
  const campaigns = new Map<string, CouponCampaign | undefined>();
  const campaignOf = async (campaignId: string): Promise<CouponCampaign | undefined> => {
    if (!campaigns.has(campaignId)) {
      const campaign = await readCampaign(runtime, campaignId);
      const coupons = campaign?.definition.coupons;
      campaigns.set(
        campaignId,
        coupons && { settings: campaign!.settings, coupons, layout: campaign!.layout },
      );
    }
    return campaigns.get(campaignId);
  };
  await startOver(runtime, SWEEP, SWEEP_PAUSE_MS, nowMs);
  const reachedMs = Math.min(await readReached(runtime, nowMs), await readQuiet(runtime));
  return workThrough<StoredGrant>(
    runtime,
    SWEEP,
    {
      tasksPerRound: GRANTS_PER_ROUND,
      async read(cursor) {
        const page = await scanExpired(runtime, cursor, reachedMs);
        const coupons = page.expired.filter(({ kind }) => kind === 'coupon');
        const settled = await settledOf(coupons, campaignOf, reachedMs);
        return { tasks: settled.map(({ grant }) => grant), cursor: page.cursor };
      },
      // A round may have been stored by an older version, which looked only at the clock, so its grants are checked again.
      carryOut: async (grants) => expire(runtime, await settledOf(grants, campaignOf, reachedMs), nowMs),
    },
    deadlineMs,
  );
};

type Expiring = { grant: StoredGrant; campaign: CouponCampaign };

/** The coupons whose money may be freed: no order from before the end of their settlement is still expected or in a queue. */
const settledOf = async (
  grants: readonly StoredGrant[],
  campaignOf: (campaignId: string) => Promise<CouponCampaign | undefined>,
  reachedMs: number,
): Promise<Expiring[]> => {
  const settled: Expiring[] = [];
  for (const grant of grants) {
    const campaign = await campaignOf(grant.campaignId);
    if (campaign === undefined) continue;
    const { settlementHours = DEFAULT_SETTLEMENT_HOURS } = campaign.coupons;
    if (grant.expiresMs + settlementHours * HOUR_MS <= reachedMs) settled.push({ grant, campaign });
  }
  return settled;
};

/** Expires coupons, except those used meanwhile, and publishes a metric for each that has expired. */
const expire = async (runtime: Runtime, ofCampaigns: readonly Expiring[], nowMs: number): Promise<void> => {
  const outcomes = await carryOut(
    runtime,
    ofCampaigns.map(({ grant, campaign }) => ({
      debits: [],
      change: {
        grant,
        state: 'expired' as const,
        budget: budgetOf(campaign.layout, grant.budget),
      },
    })),
  );
  const expired: Expiring[] = [];
  for (const [i, one] of ofCampaigns.entries()) {
    if (outcomes[i]!.kind === 'done' || (await wasExpired(runtime, one.grant))) expired.push(one);
  }
  await sendMetrics(
    runtime,
    expired.map(({ grant, campaign: { settings } }) => ({
      settings,
      event: couponMetric('expired', grant, grant.expiresMs, TRIGGER),
    })),
    nowMs,
  );
};

/**
 * Whether a worker has expired a grant since it was read here; that worker may have crashed before it published the metric. A
 * coupon that became void with its order does not count: it was counted with that order's refund.
 */
const wasExpired = async (runtime: Runtime, before: StoredGrant): Promise<boolean> => {
  const { member } = before;
  const grant =
    (await readGrant(runtime, before)) ??
    // The grants of an erased member have moved.
    (await readGrant(runtime, { ...before, member: (await erasedMemberOf(runtime, member)).name }));
  const hasFallen = grant?.redemption?.lines.some(({ effects }) => (effects & EFFECTS.fell) !== 0) === true;
  return grant?.state === 'expired' && !hasFallen;
};
