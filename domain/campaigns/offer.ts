/** The kinds of offers: the face value that follows from each, and the default kind. */
import type { CampaignDefinition } from '#events/contract.ts';
import type { Offer } from '#events/sections/coupons.ts';

/** The kind of an offer whose definition does not name one. */
const DEFAULT_OFFER_KIND = 'discount' as const;

/** What a coupon of an offer is worth when it is used, in fen: what it costs its budget. */
export const faceValueFen = (offer: Offer): number => {
  switch (offer.kind) {
    case undefined:
    case 'discount':
      return offer.discountFen;
    default:
      return offer.kind satisfies never;
  }
};

/** A definition with the kind of each offer written out, so that two definitions that mean the same are equal. */
export const normalizedDefinition = (definition: CampaignDefinition): CampaignDefinition => {
  const { coupons } = definition;
  if (coupons === undefined) return definition;
  const offers = coupons.offers.map((offer) =>
    offer.kind === undefined ? { ...offer, kind: DEFAULT_OFFER_KIND } : offer,
  );
  return { ...definition, coupons: { ...coupons, offers } };
};
