import { explorationOf, exploredChoice } from '#domain/coupons/explore.ts';
import type { Presale, PresaleCandidate } from './evaluate-for-presale.ts';

/** What a member gets, given the index of the best option. The engine's choice is sometimes random, the baseline's never. */
export const presaleChoice = (
  { campaignId, coupons }: Presale,
  { arm, member, options }: PresaleCandidate,
  best: number,
): Omit<ReturnType<typeof exploredChoice>, 'chance'> =>
  arm === 'baseline'
    ? { chosen: best, propensity: 1, isExplored: false }
    : exploredChoice(
        explorationOf(coupons, coupons.salt, campaignId, 'presale', member),
        options.map(({ offer }) => offer.offerId),
        best,
      );
