/** The work of a pacer's tick on all campaigns. */
import { poolOf } from '#domain/campaigns/budget.ts';
import { type HeldBack, heldBackIn, issuableIn, readBudgetShards } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { readDefinition, readListing } from '#domain/campaigns/campaigns-table.ts';
import { settleCeilings } from '#domain/campaigns/ceiling.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { readPrices, writePrices } from '#domain/campaigns/prices.ts';
import { advance, type ProgressKey, readProgress } from '#domain/campaigns/progress-items.ts';
import { fallsWithTime } from '#domain/coupons/evaluate.ts';
import { guardModel } from '#domain/coupons/guard-model.ts';
import { learn } from '#domain/coupons/learn.ts';
import { publishModel } from '#domain/coupons/publish-model.ts';
import { poolTimeLeftShare } from '#domain/coupons/time-left.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { isPresaleIssued } from '#domain/presale/issued.ts';
import { startPresaleWhenDue } from '#domain/presale/start-presale.ts';
import { watchPresale } from '#domain/presale/watch-presale.ts';
import type { CampaignSettings } from '#events/campaign.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { type IsLate, outOfTime } from '#platform/batch.ts';
import { sumOf } from '#platform/collections.ts';
import type { Runtime } from '#platform/runtime.ts';
import { paced, type Reading, type Remainders, rescaled } from './pace.ts';
import { pauseWhenAhead } from './pause-ahead.ts';
import { readCurve, readOutlook } from './read-outlook.ts';

/**
 * If one tick follows another sooner than this, one of them was delivered twice or late: too little has
 * happened in between to adjust prices.
 */
const MIN_ELAPSED_MS = 30_000;

const readingKey = (campaignId: string): ProgressKey => ({ campaign: campaignId, item: 'PACE' });

/**
 * A reading as it is stored: JSON in which some fields have older names. `audienceFactor` is there once there
 * is a new model; the former version of the pipeline multiplied by it. `heldFen` is left out if nothing is
 * held back.
 */
type StoredReading = Omit<Reading, 'observedShare' | 'hasNewModel'> & {
  toldShare: number;
  audienceFactor?: number;
  heldFen?: HeldBack;
};

const encodeReading = (
  { observedShare, hasNewModel, ...reading }: Reading,
  heldFen: HeldBack,
): Uint8Array => {
  const hasHeld = Object.keys(heldFen).length > 0;
  const stored: StoredReading = {
    ...reading,
    toldShare: observedShare,
    ...(hasNewModel && { audienceFactor: 1 }),
    ...(hasHeld && { heldFen }),
  };
  return Buffer.from(JSON.stringify(stored));
};

/**
 * A stored reading. What was left is computed as if the money that is held back now had been held back then
 * too: a ceiling that changed in between must not look like spending.
 */
const decodeReading = (body: Uint8Array, heldNow: HeldBack): Reading => {
  const stored = JSON.parse(Buffer.from(body).toString()) as StoredReading;
  const { toldShare, audienceFactor, heldFen = {}, remainingFen, ...reading } = stored;
  const comparable = Object.entries(remainingFen).map(([key, fen]): [string, number] => [
    key,
    fen + (heldFen[key] ?? 0) - (heldNow[key] ?? 0),
  ]);
  return {
    ...reading,
    remainingFen: Object.fromEntries(comparable),
    observedShare: toldShare,
    ...(audienceFactor !== undefined && { hasNewModel: true }),
  };
};

/**
 * Adds up the examples of expired coupons, starts the presales whose time has come, and starts their lost segments again. In
 * every running campaign that gives coupons, completes the ceilings that wait for money to come back, pauses the campaign if it
 * spends ahead of its plan, and moves its prices. A campaign that fails does not stop the others. Campaigns for which no time is
 * left wait for the next tick. Returns the failures by campaign, and how many lost segments were started again.
 */
export const paceCampaigns = async (
  runtime: Runtime,
  nowMs: number,
  isLate: IsLate = () => false,
): Promise<{ failures: Map<string, unknown>; lostSegments: number }> => {
  const listing = await readListing(runtime);
  const failures = await learn(runtime, nowMs, listing);
  let lostSegments = 0;
  for (const { settings, hasCoupons, presaleAtMs } of listing) {
    try {
      if (isLate()) throw outOfTime();
      if (presaleAtMs !== undefined) {
        await startPresaleWhenDue(runtime, { settings, presaleAtMs }, nowMs);
        lostSegments += await watchWhenDue(runtime, settings, presaleAtMs, nowMs);
      }
      const isOn = settings.startsAtMs <= nowMs && nowMs < settings.endsAtMs;
      if (!isOn || !hasCoupons) continue;
      const definition = await readDefinition(runtime, settings.campaignId);
      if (definition?.coupons !== undefined) {
        await settleCeilings(runtime, settings.campaignId, definition.coupons);
        await pauseWhenAhead(runtime, settings, definition.coupons, nowMs);
        await paceCampaign(runtime, settings, definition.coupons, nowMs);
      }
    } catch (error) {
      failures.set(settings.campaignId, error);
    }
  }
  return { failures, lostSegments };
};

/** Watches a presale that has begun, until the sale ends. */
const watchWhenDue = async (
  runtime: Runtime,
  { campaignId, endsAtMs }: CampaignSettings,
  presaleAtMs: number,
  nowMs: number,
): Promise<number> => {
  if (nowMs < presaleAtMs || nowMs >= endsAtMs) return 0;
  const coupons = (await readDefinition(runtime, campaignId))?.coupons;
  return coupons === undefined ? 0 : watchPresale(runtime, campaignId, coupons, nowMs);
};

/** By budget key, the mean face value of the pool's offers. */
const meanCouponFen = (coupons: Coupons): Record<string, number> =>
  Object.fromEntries(
    campaignBudgets(coupons).flatMap(({ key, pool }) => {
      const offers = coupons.offers.filter((offer) => offer.pool === pool);
      if (offers.length === 0) return [];
      return [[key, sumOf(offers.map(faceValueFen)) / offers.length]];
    }),
  );

/**
 * What coupons of a budget are worth at a time, as a share of their worth with all time left; undefined if that stays the
 * same.
 */
export const timeLeftIn = (
  { startsAtMs, endsAtMs }: Pick<CampaignSettings, 'startsAtMs' | 'endsAtMs'>,
  coupons: Coupons,
): ((budgetKey: string, atMs: number) => number) | undefined =>
  fallsWithTime(coupons)
    ? (budgetKey, atMs) =>
        poolTimeLeftShare(coupons.offers, poolOf(budgetKey), { atMs, startsAtMs, endsAtMs })
    : undefined;

const paceCampaign = async (
  runtime: Runtime,
  settings: CampaignSettings,
  coupons: Coupons,
  nowMs: number,
): Promise<void> => {
  const { campaignId, startsAtMs, endsAtMs, compareWith } = settings;
  // What a presale spends is planned already, so pacing begins when it has issued everything.
  if (!(await isPresaleIssued(runtime, campaignId, coupons))) return;
  const shards = await readBudgetShards(runtime, campaignId);
  const heldNow = heldBackIn(shards);
  const now: Remainders = {
    atMs: nowMs,
    remainingFen: Object.fromEntries(
      [...issuableIn(shards)].map(([key, ofBudget]) => [key, sumOf(ofBudget)]),
    ),
  };
  const known = await readProgress(runtime, readingKey(campaignId));
  let reading: Reading = { ...now, observedShare: 0, courses: {} };
  if (known.body !== undefined) {
    let before = decodeReading(known.body, heldNow);
    if (nowMs - before.atMs < MIN_ELAPSED_MS) return;
    const curve = await readCurve(runtime, compareWith);
    const sale = { startsAtMs, endsAtMs, ...(curve && { curve }) };
    const outlook = await readOutlook(runtime, settings, coupons);
    const { version, ...read } = await readPrices(runtime, campaignId);
    let { prices } = read;
    if (coupons.model === 'learned')
      await guardModel(runtime, campaignId, (await readTotal(runtime, settings)).row);
    const published = coupons.model === 'learned' ? await publishModel(runtime, campaignId) : undefined;
    // If a crash loses this, the forecast and the feedback find the new level of prices by themselves.
    if (published !== undefined)
      ({ prices, reading: before } = rescaled({ prices, reading: before }, published.ratio));
    const couponFen = meanCouponFen(coupons);
    const timeLeft = timeLeftIn(settings, coupons);
    const next = paced(prices, { before, now }, { sale, couponFen, outlook, ...(timeLeft && { timeLeft }) });
    // Refused if another tick has moved the prices meanwhile. The next tick sees the result either way.
    await writePrices(runtime, campaignId, next.prices, version);
    ({ reading } = next);
  }
  await advance(runtime, readingKey(campaignId), known, {
    isDone: false,
    body: encodeReading(reading, heldNow),
  });
};
