import { readFileSync } from 'node:fs';
import { armsOf, type SpendingArm } from '#domain/campaigns/arms.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { type CampaignDefinition, parseEvent } from '#events/contract.ts';
import { definitionFaults } from '#events/definition-faults.ts';
import { type Coupons, DEFAULT_BUDGET_SHARDS } from '#events/sections/coupons.ts';
import { type FreeOrders, slotCount } from '#events/sections/free-orders.ts';
import { formatCount, formatFen } from '#local/console/format.ts';
import { fileError } from '#local/console/input-error.ts';

/** The money of an arm in a pool, in fen. */
export type ArmMoney = {
  arm: SpendingArm;
  pool: string;
  totalFen: number;
  presaleFen: number;
  shards: number;
  /**
   * The face value of the smallest coupon that the arm may give from the pool; left out if it may give none, and so has no
   * money there.
   */
  smallestFen?: number;
};

/** What a definition would do. */
export type Plan = {
  campaignId: string;
  /** Percent of the members by arm; left out without coupons. */
  arms?: Record<string, number>;
  money: ArmMoney[];
  /** In words; left out without free orders. */
  odds?: string;
  /** What is allowed, but probably a mistake. */
  warnings: string[];
};

export type Assessment =
  | { valid: true; plan: Plan }
  /** Every fault that was found, each with the field, what was expected and what was given. */
  | { valid: false; faults: string[] };

const oddsOf = (freeOrders: FreeOrders, startsAtMs: number, endsAtMs: number): string => {
  switch (freeOrders.mode) {
    case 'instant':
      return `${formatCount(freeOrders.odds.win)} in ${formatCount(freeOrders.odds.in)} orders that take part, at most ${formatCount(freeOrders.quota)}`;
    case 'slot': {
      const slots = slotCount(startsAtMs, endsAtMs, freeOrders.slotSeconds);
      return `${formatCount(freeOrders.prizes)} prizes in each of ${formatCount(slots)} slots, at most ${formatCount(freeOrders.quota)}`;
    }
    default:
      return freeOrders satisfies never;
  }
};

const moneyOf = (coupons: Coupons): ArmMoney[] =>
  campaignBudgets(coupons).map(({ arm, pool, totalFen, presaleFen }) => {
    const { shards = DEFAULT_BUDGET_SHARDS } = coupons;
    const faces = coupons.offers
      .filter((offer) => offer.pool === pool && (arm === 'engine' || offer.offerId === coupons.baselineOffer))
      .map(faceValueFen);
    const smallest = faces.length === 0 ? {} : { smallestFen: Math.min(...faces) };
    return { arm, pool, totalFen, presaleFen, shards, ...smallest };
  });

const warningsOfMoney = ({ arm, pool, totalFen, shards, smallestFen }: ArmMoney): string[] => {
  const name = `${arm}/${pool}`;
  if (smallestFen === undefined) return [];
  if (totalFen < smallestFen)
    return [`${name}: ${formatFen(totalFen)} is less than its smallest coupon, ${formatFen(smallestFen)}`];
  return totalFen / shards < smallestFen
    ? [
        `${name}: a shard holds ${formatFen(Math.floor(totalFen / shards))}, less than a coupon: ${shards} shards are too many for ${formatFen(totalFen)}`,
      ]
    : [];
};

const planOf = (definition: CampaignDefinition, nowMs: number): Plan => {
  const { campaignId, coupons, freeOrders, compareWith } = definition;
  const [startsAtMs, endsAtMs] = [Date.parse(definition.startsAt), Date.parse(definition.endsAt)];
  const money = coupons === undefined ? [] : moneyOf(coupons);
  const warnings = money.flatMap(warningsOfMoney);
  if (endsAtMs <= nowMs) warnings.push(`endsAt: ${definition.endsAt} is over`);
  if (coupons !== undefined && armsOf(coupons).control === 0)
    warnings.push('coupons.arms: without a control arm nothing says what the coupons brought');
  if (compareWith !== undefined) warnings.push(`compareWith: campaign ${compareWith} is to be opened first`);
  if (freeOrders !== undefined && freeOrders.quota * freeOrders.capFen > freeOrders.budgetFen)
    warnings.push(
      `freeOrders: ${formatCount(freeOrders.quota)} awards of the cap are ${formatFen(freeOrders.quota * freeOrders.capFen)}, more than the budget of ${formatFen(freeOrders.budgetFen)}`,
    );
  return {
    campaignId,
    ...(coupons === undefined ? {} : { arms: { ...armsOf(coupons) } }),
    money,
    ...(freeOrders === undefined ? {} : { odds: oddsOf(freeOrders, startsAtMs, endsAtMs) }),
    warnings,
  };
};

/**
 * Checks a definition, or a whole presale.started event, by the contract, and says what it would do. Throws an InputError for a
 * file that cannot be read.
 */
export const assessCampaign = (file: string, nowMs: number): Assessment => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (cause) {
    throw fileError(file, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { valid: false, faults: [`${file}: ${(cause as Error).message}`] };
  }
  const isEvent = typeof value === 'object' && value !== null && 'specversion' in value;
  const data = isEvent ? (value as { data?: unknown }).data : value;
  const faults = definitionFaults(data).map(({ message }) => message);
  if (isEvent && faults.length === 0) {
    const parsed = parseEvent(value, nowMs);
    if (!parsed.ok) faults.push(parsed.rejection.message);
    else if (parsed.event.type !== 'presale.started')
      faults.push(`type: expected presale.started, got ${parsed.event.type}`);
  }
  return faults.length > 0
    ? { valid: false, faults }
    : { valid: true, plan: planOf(data as CampaignDefinition, nowMs) };
};

/** A plan as lines of text. */
export const planLines = ({ campaignId, arms, money, odds, warnings }: Plan): string[] => [
  `campaign ${campaignId} is well formed`,
  ...(arms === undefined
    ? []
    : [
        `  members: ${Object.entries(arms)
          .map(([arm, percent]) => `${arm} ${percent} %`)
          .join(', ')}`,
      ]),
  ...money.map(
    ({ arm, pool, totalFen, presaleFen, shards }) =>
      `  ${arm}/${pool}: ${formatFen(totalFen)}, of that ${formatFen(presaleFen)} in the presale, in ${shards} shards`,
  ),
  ...(odds === undefined ? [] : [`  free orders: ${odds}`]),
  ...warnings.map((warning) => `  warning: ${warning}`),
];
