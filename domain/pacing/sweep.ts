import { budgetOf } from '#domain/campaigns/campaign-budgets.ts';
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import type { ProgressKey } from '#domain/campaigns/progress-items.ts';
import { carryOut } from '#domain/grants/claims.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { couponMetric, sendMetrics } from '#domain/grants/grant-events.ts';
import { readGrant } from '#domain/grants/grant-statements.ts';
import { startOver, workThrough } from '#domain/grants/rounds.ts';
import { type CampaignSettings, campaignSettings } from '#events/campaign.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { scanExpired } from './expired-grants.ts';

/** No campaign's id begins like this. The sweep reads the grants of all campaigns. */
const SWEEP: ProgressKey = { campaign: '#sweep', item: 'GRANTS' };
/** From the end of one sweep to the beginning of the next: with 10 M grants, a sweep costs 6 cents. */
const SWEEP_PAUSE_MS = 15 * MINUTE_MS;
/** An order that arrives this late may still use a coupon that was valid at the order's time. */
const EXPIRY_GRACE_MS = 15 * MINUTE_MS;
/** With the page that reaches it, a round holds less than 1,500 grants, some 150 KB deflated of an item's 400 KB. */
const GRANTS_PER_ROUND = 500;
const TRIGGER = 'sweep';

type CouponCampaign = { settings: CampaignSettings; coupons: Coupons };

/** Frees the money of coupons that have expired unused, until the deadline; the next call continues. */
export const sweep = async (
  runtime: Runtime,
  nowMs: number,
  deadlineMs: number,
): Promise<'done' | 'paused'> => {
  const campaigns = new Map<string, CouponCampaign | undefined>();
  const campaignOf = async (campaignId: string): Promise<CouponCampaign | undefined> => {
    if (!campaigns.has(campaignId)) {
      const definition = await readDefinition(runtime, campaignId);
      campaigns.set(
        campaignId,
        definition?.coupons && { settings: campaignSettings(definition), coupons: definition.coupons },
      );
    }
    return campaigns.get(campaignId);
  };
  await startOver(runtime, SWEEP, SWEEP_PAUSE_MS, nowMs);
  return workThrough<StoredGrant>(
    runtime,
    SWEEP,
    {
      tasksPerRound: GRANTS_PER_ROUND,
      async read(cursor) {
        const page = await scanExpired(runtime, cursor, nowMs - EXPIRY_GRACE_MS);
        return { tasks: page.expired.filter(({ kind }) => kind === 'coupon'), cursor: page.cursor };
      },
      carryOut: (grants) => expire(runtime, grants, campaignOf, nowMs),
    },
    deadlineMs,
  );
};

/** Expires coupons, except those used meanwhile, and publishes a metric for each that has expired. */
const expire = async (
  runtime: Runtime,
  grants: readonly StoredGrant[],
  campaignOf: (campaignId: string) => Promise<CouponCampaign | undefined>,
  nowMs: number,
): Promise<void> => {
  const ofCampaigns: { grant: StoredGrant; campaign: CouponCampaign }[] = [];
  for (const grant of grants) {
    const campaign = await campaignOf(grant.campaignId);
    if (campaign !== undefined) ofCampaigns.push({ grant, campaign });
  }
  const outcomes = await carryOut(
    runtime,
    ofCampaigns.map(({ grant, campaign }) => ({
      debits: [],
      change: {
        grant,
        state: 'expired' as const,
        budget: budgetOf(grant.campaignId, campaign.coupons, grant.budget),
      },
    })),
  );
  const expired: typeof ofCampaigns = [];
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

/** Whether a grant that is not as it was read has expired since, by a worker that may have crashed before it published that. */
const wasExpired = async (runtime: Runtime, before: StoredGrant): Promise<boolean> => {
  const grant = await readGrant(runtime, before);
  return grant?.state === 'expired' && grant.changes === before.changes + 1;
};
