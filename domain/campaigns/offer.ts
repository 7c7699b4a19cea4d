import type { CampaignDefinition } from '#events/contract.ts';
import type { Offer } from '#events/sections/coupons.ts';

/** The kinds of offers; a definition may leave out the default. */
export type OfferKind = NonNullable<Offer['kind']>;

const DEFAULT_OFFER_KIND: OfferKind = 'discount';

export const offerKindOf = ({ kind = DEFAULT_OFFER_KIND }: Offer): OfferKind => kind;

/** What a coupon of an offer is worth when it is used, in fen: what it costs its budget. */
export const faceValueFen = (offer: Offer): number => {
  const kind = offerKindOf(offer);
  switch (kind) {
    case 'discount':
      return offer.discountFen;
    default:
      return kind satisfies never;
  }
};

/** A definition with its defaults written out, so that two that mean the same are equal. */
export const normalizedDefinition = (definition: CampaignDefinition): CampaignDefinition => {
  const { coupons } = definition;
  if (coupons === undefined) return definition;
  const offers = coupons.offers.map((offer) => ({ ...offer, kind: offerKindOf(offer) }));
  return { ...definition, coupons: { ...coupons, offers } };
};
