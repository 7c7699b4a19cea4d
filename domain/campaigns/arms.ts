/** Which arm of a campaign a member is in, and each arm's share of the money. */
import { type Arms, type Coupons, ONLY_ENGINE, WHOLE_PERCENT } from '#events/sections/coupons.ts';
import { digestOf } from '#platform/hash.ts';

export type Arm = keyof Arms;
/** The arms that have money to give. */
export type SpendingArm = Exclude<Arm, 'control'>;

const HASH_BYTES = 6;
const HASH_VALUES = 2 ** (8 * HASH_BYTES);

/** What assigns members to arms. */
export type Assignment = Pick<Coupons, 'arms' | 'salt'>;

export const armsOf = (coupons: Assignment): Arms => coupons.arms ?? ONLY_ENGINE;

/**
 * The arm of a member, always the same in one campaign, and independent between campaigns of different salts: with the same
 * salt, a member who had been in the control arm once would be in it in every sale.
 */
export const armOf = (coupons: Assignment, member: string): Arm => {
  const { engine, baseline } = armsOf(coupons);
  const position = digestOf('arm', coupons.salt, member).readUIntBE(0, HASH_BYTES) / HASH_VALUES;
  const percent = position * WHOLE_PERCENT;
  if (percent < engine) return 'engine';
  return percent < engine + baseline ? 'baseline' : 'control';
};

/** Whether an arm has an offer that draws on a pool: the baseline has one offer, and so one pool. */
const drawsOn = ({ offers, baselineOffer }: Coupons, arm: SpendingArm, pool: string): boolean =>
  offers.some((offer) => offer.pool === pool && (arm === 'engine' || offer.offerId === baselineOffer));

/**
 * An arm's share of a pool's budget, in fen. The spending arms share the whole budget in proportion to their members, so the
 * money per member is the same in both, and a control arm leaves nothing unspent. If only one of them has an offer that draws
 * on the pool, it gets the whole budget. The engine's share is rounded down and the baseline has the rest.
 */
export const armBudgetFen = (
  coupons: Coupons,
  { pool, totalFen }: Pick<Coupons['budgets'][number], 'pool' | 'totalFen'>,
  arm: SpendingArm,
): number => {
  const arms = armsOf(coupons);
  const able = spendingArms(coupons).filter((one) => drawsOn(coupons, one, pool));
  if (able.length === 1) return arm === able[0] ? totalFen : 0;
  // Exact: a budget of at most 9e12 fen times 100 is below 2^53.
  const engineFen = Math.floor((totalFen * arms.engine) / (arms.engine + arms.baseline));
  return arm === 'engine' ? engineFen : totalFen - engineFen;
};

/** The arms of a campaign that have members and money. */
export const spendingArms = (coupons: Coupons): SpendingArm[] => {
  const arms = armsOf(coupons);
  return (['engine', 'baseline'] as const).filter((arm) => arms[arm] > 0);
};

/** Whether a campaign has members in more than one arm, so that there is something to compare. */
export const comparesArms = (coupons: Assignment): boolean =>
  Object.values(armsOf(coupons)).filter((percent) => percent > 0).length > 1;
