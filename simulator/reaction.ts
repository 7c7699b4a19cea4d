import type { Offer } from '#events/sections/coupons.ts';
import type { Taste } from './members.ts';

/** How members feel about coupons. The pipeline's model does not see these numbers. */

/** The intensity of a coupon whose discount is about 9 % of its threshold, before the factors for the member and the offer. */
const PULL = 0.11;
const FIRST_IMPRESSION_SHARE = 0.05;
/** How fast a threshold above the usual basket puts a coupon out of reach. */
const REACH_STEEPNESS = 2;
/** A member who has just ordered is less likely to order again soon: the intensity is multiplied by this. */
const AFTER_ORDER = 0.35;
/** The mean time from a coupon to the order that it causes, in ms. */
export const REACTION_MS = 9 * 60_000;

const inScope = ({ scope }: Offer, channel: 'far' | 'near'): boolean => scope === 'all' || scope === channel;

/** The channel of an order that a coupon causes. `isNear` says which channel the member would take if both are allowed. */
export const channelFor = (offer: Offer, isNear: boolean): 'far' | 'near' =>
  offer.scope === 'far' || offer.scope === 'near' ? offer.scope : isNear ? 'near' : 'far';

/** Whether a coupon can be used on orders of a channel. */
export const opensTo = (offer: Offer, channel: 'far' | 'near'): boolean => inScope(offer, channel);

const appealOf = ({ scope }: Offer, { nearShare }: Taste): number =>
  scope === 'near' ? nearShare : scope === 'far' ? 1 - nearShare : 1;

/**
 * The probability that a coupon causes an additional order in the time left (ms), for a member without another order to use it
 * on. `isFirst` is true for a coupon of the presale or of the trial; any other comes just after an order.
 */
export const pullOf = (taste: Taste, offer: Offer, isFirst: boolean, leftMs: number): number => {
  const basketFen =
    offer.scope === 'near'
      ? taste.nearBasketFen
      : offer.scope === 'far'
        ? taste.farBasketFen
        : Math.max(taste.nearBasketFen, taste.farBasketFen);
  const reach = 1 / (1 + (offer.thresholdFen / basketFen) ** REACH_STEEPNESS);
  const impression = Math.log1p(offer.discountFen / offer.thresholdFen / FIRST_IMPRESSION_SHARE);
  const intensity =
    PULL *
    taste.sensitivity *
    impression *
    reach *
    appealOf(offer, taste) *
    // A member who is likely to order anyway is easier to persuade.
    (0.5 + taste.orderProbability) *
    (isFirst ? 1 : AFTER_ORDER);
  return (1 - Math.exp(-intensity)) * (1 - Math.exp(-Math.max(0, leftMs) / REACTION_MS));
};
