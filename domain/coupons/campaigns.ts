/** Campaigns with coupons, their prices and their money, as a process remembers them. */
import {
  type BudgetShardItem,
  type Halt,
  issuableIn,
  readBudgetShards,
} from '#domain/campaigns/budget-items.ts';
import { EXTENSION_KNOWN_MS, readCampaign, readExtension } from '#domain/campaigns/extension.ts';
import type { Layout } from '#domain/campaigns/layout.ts';
import { type Prices, readPrices } from '#domain/campaigns/prices.ts';
import type { CouponIdKey } from '#domain/grants/coupon-id.ts';
import { couponIdKey } from '#domain/grants/coupon-key.ts';
import { type CampaignSettings, extendedSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { sumOf } from '#platform/collections.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { SingleFlight } from '#platform/single-flight.ts';

/** How long a process uses the prices that it read: the pacer moves them once a minute. */
const PRICES_MAX_AGE_MS = 5_000;
/** How long a process remembers that no campaign with coupons has an id. Orders may name such an id; each would cost a read. */
const ABSENT_MAX_AGE_MS = 5_000;
/** How many absent campaigns are remembered, at most, so that they cannot fill the memory. */
const MAX_ABSENT = 1_000;

export type CouponCampaign = { settings: CampaignSettings; coupons: Coupons; layout: Layout };

/**
 * A campaign, and the key of its coupons' ids. The key is undefined if the ids have the former form, without a key
 * (`coupon-id.ts`).
 */
type KnownCampaign = { campaign: CouponCampaign; idKey: CouponIdKey | undefined; readMs: number };

/** A definition never changes once it is stored; only the campaign's end may. */
const PRESENT = compartment(() => new Map<string, KnownCampaign>());
const ABSENT_SINCE_MS = compartment(() => new Map<string, number>());
const PRICES = compartment(() => new Map<string, { prices: Prices; readMs: number }>());

/** The members of a batch are worked on side by side and ask for the same campaigns, so one read serves all of them. */
const READS = compartment(() => ({
  campaigns: new SingleFlight<KnownCampaign | undefined>(),
  prices: new SingleFlight<Prices>(),
  money: new SingleFlight<Money>(),
}));

const readKnown = async (
  runtime: Runtime,
  campaignId: string,
  nowMs: number,
): Promise<KnownCampaign | undefined> => {
  const known = runtime.memory.of(PRESENT).get(campaignId);
  if (known !== undefined) {
    const { campaign } = known;
    const extended = extendedSettings(campaign.settings, await readExtension(runtime, campaignId));
    const current = { ...known, campaign: { ...campaign, settings: extended }, readMs: nowMs };
    runtime.memory.of(PRESENT).set(campaignId, current);
    return current;
  }
  const stored = await readCampaign(runtime, campaignId);
  const coupons = stored?.definition.coupons;
  if (stored === undefined || coupons === undefined) {
    if (runtime.memory.of(ABSENT_SINCE_MS).size >= MAX_ABSENT) runtime.memory.of(ABSENT_SINCE_MS).clear();
    runtime.memory.of(ABSENT_SINCE_MS).set(campaignId, nowMs);
    return undefined;
  }
  const present: KnownCampaign = {
    campaign: { settings: stored.settings, coupons, layout: stored.layout },
    idKey: await couponIdKey(runtime, stored),
    readMs: nowMs,
  };
  runtime.memory.of(PRESENT).set(campaignId, present);
  return present;
};

const knownCampaign = async (
  runtime: Runtime,
  campaignId: string,
  nowMs: number,
): Promise<KnownCampaign | undefined> => {
  const known = runtime.memory.of(PRESENT).get(campaignId);
  if (known !== undefined && nowMs - known.readMs <= EXTENSION_KNOWN_MS) return known;
  const absentMs = runtime.memory.of(ABSENT_SINCE_MS).get(campaignId) ?? Number.NEGATIVE_INFINITY;
  if (known === undefined && nowMs - absentMs < ABSENT_MAX_AGE_MS) return undefined;
  return runtime.memory.of(READS).campaigns.of(campaignId, () => readKnown(runtime, campaignId, nowMs));
};

/** A campaign with coupons; undefined if no campaign with coupons has this id. */
export const couponCampaign = async (
  runtime: Runtime,
  campaignId: string,
  nowMs: number,
): Promise<CouponCampaign | undefined> => (await knownCampaign(runtime, campaignId, nowMs))?.campaign;

/**
 * The key of the ids of a campaign's coupons; undefined if the ids have none, or if there is no such
 * campaign.
 */
export const idKeyOf = async (
  runtime: Runtime,
  campaignId: string,
  nowMs: number,
): Promise<CouponIdKey | undefined> => (await knownCampaign(runtime, campaignId, nowMs))?.idKey;

/** The prices of a campaign as of at most five seconds ago. */
export const currentPrices = async (runtime: Runtime, campaignId: string, nowMs: number): Promise<Prices> => {
  const known = runtime.memory.of(PRICES).get(campaignId);
  if (known !== undefined && nowMs - known.readMs <= PRICES_MAX_AGE_MS) return known.prices;
  return runtime.memory.of(READS).prices.of(campaignId, async () => {
    const { prices } = await readPrices(runtime, campaignId);
    runtime.memory.of(PRICES).set(campaignId, { prices, readMs: nowMs });
    return prices;
  });
};

/** How long a process uses what it read of a campaign's budgets. */
const MONEY_MAX_AGE_MS = 1_000;
const MONEY = compartment(() => new Map<string, { money: Money; readMs: number }>());

/**
 * What can be given: the money left in a campaign's budgets, in fen, by budget key, and the reason if nothing
 * can be given although money is left.
 */
export type Money = { remainders: ReadonlyMap<string, number>; halt: Halt | undefined };

const haltOfAll = (shards: readonly BudgetShardItem[]): Halt | undefined =>
  shards.some(({ halt }) => halt === 'closed')
    ? 'closed'
    : shards.find(({ halt }) => halt !== undefined)?.halt;

/**
 * A campaign's money as of at most a second ago. A pause or a closing is also in the condition of each debit, so it holds even
 * while this answer is out of date.
 */
export const currentMoney = async (runtime: Runtime, campaignId: string, nowMs: number): Promise<Money> => {
  const known = runtime.memory.of(MONEY).get(campaignId);
  if (known !== undefined && nowMs - known.readMs <= MONEY_MAX_AGE_MS) return known.money;
  return runtime.memory.of(READS).money.of(campaignId, async () => {
    const shards = await readBudgetShards(runtime, campaignId);
    const remainders = new Map([...issuableIn(shards)].map(([key, ofBudget]) => [key, sumOf(ofBudget)]));
    const money = { remainders, halt: haltOfAll(shards) };
    runtime.memory.of(MONEY).set(campaignId, { money, readMs: nowMs });
    return money;
  });
};
