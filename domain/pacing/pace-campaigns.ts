import { sumOf } from '#domain/campaigns/budget.ts';
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { readDefinition, readListing } from '#domain/campaigns/campaigns-table.ts';
import { readPrices, writePrices } from '#domain/campaigns/prices.ts';
import {
  advance,
  type ProgressKey,
  readAllProgress,
  readProgress,
} from '#domain/campaigns/progress-items.ts';
import { AUDIENCE_SEGMENTS, segmentsPrefix } from '#domain/presale/segment.ts';
import { type CampaignDefinition, campaignSettings } from '#events/campaign.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { paced, type Reading, type Remainders } from './pace.ts';
import { readCurve, readOutlook } from './read-outlook.ts';

/** A tick that follows another one sooner was delivered twice or late, and has too little to judge by. */
const MIN_ELAPSED_MS = 30_000;

const readingKey = (campaignId: string): ProgressKey => ({ campaign: campaignId, item: 'PACE' });

/** Moves the prices of every campaign that is on and gives coupons. */
export const paceCampaigns = async (runtime: Runtime, nowMs: number): Promise<void> => {
  for (const { settings, hasCoupons } of await readListing(runtime)) {
    const isOn = settings.startsAtMs <= nowMs && nowMs < settings.endsAtMs;
    if (!isOn || !hasCoupons) continue;
    const definition = await readDefinition(runtime, settings.campaignId);
    if (definition?.coupons !== undefined) {
      await paceCampaign(runtime, definition, definition.coupons, nowMs);
    }
  }
};

/** What a presale spends is planned already, so pacing begins when it has issued everything. */
const isIssued = async (runtime: Runtime, campaignId: string, { budgets }: Coupons): Promise<boolean> => {
  if (budgets.every(({ presaleShare }) => presaleShare === 0)) return true;
  const segments = await readAllProgress(runtime, campaignId, segmentsPrefix(AUDIENCE_SEGMENTS, 'issue'));
  return segments.length === AUDIENCE_SEGMENTS && segments.every(({ isDone }) => isDone);
};

/** What a coupon of each budget costs about: the mean of the pool's offers. */
const meanCouponFen = (campaignId: string, coupons: Coupons): Record<string, number> =>
  Object.fromEntries(
    campaignBudgets(campaignId, coupons).flatMap(({ budget, pool }) => {
      const offers = coupons.offers.filter((offer) => offer.pool === pool);
      if (offers.length === 0) return [];
      return [[budget.key, sumOf(offers.map(({ discountFen }) => discountFen)) / offers.length]];
    }),
  );

const paceCampaign = async (
  runtime: Runtime,
  definition: CampaignDefinition,
  coupons: Coupons,
  nowMs: number,
): Promise<void> => {
  const settings = campaignSettings(definition);
  const { campaignId, startsAtMs, endsAtMs } = settings;
  if (!(await isIssued(runtime, campaignId, coupons))) return;
  const budgets = await readBudgets(runtime, campaignId);
  const now: Remainders = {
    atMs: nowMs,
    remainingFen: Object.fromEntries([...budgets].map(([key, shards]) => [key, sumOf(shards)])),
  };
  const known = await readProgress(runtime, readingKey(campaignId));
  let reading: Reading = { ...now, toldShare: 0, courses: {} };
  if (known.body !== undefined) {
    const before = JSON.parse(Buffer.from(known.body).toString()) as Reading;
    if (nowMs - before.atMs < MIN_ELAPSED_MS) return;
    const curve = await readCurve(runtime, definition.compareWith);
    const sale = { startsAtMs, endsAtMs, ...(curve && { curve }) };
    const outlook = await readOutlook(runtime, settings, coupons);
    const { prices, version } = await readPrices(runtime, campaignId);
    const next = paced(prices, before, now, sale, meanCouponFen(campaignId, coupons), outlook);
    // Refused where another tick has moved them meanwhile; the next one sees what came of it.
    await writePrices(runtime, campaignId, next.prices, version);
    ({ reading } = next);
  }
  await advance(runtime, readingKey(campaignId), known, {
    isDone: false,
    body: Buffer.from(JSON.stringify(reading)),
  });
};
