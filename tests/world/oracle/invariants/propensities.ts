import { countingOf } from '../campaigns.ts';
import type { Facts, Invariant } from '../invariant.ts';
import { distinctOf } from '../ledger.ts';
import { allGrants } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';

/** A sum of 1/p counts as wrong if it is this many standard deviations above its possible maximum. */
const DEVIATIONS = 5;
const ROUNDING = 0.001;

const propensityOf = ({ reason }: SeenGrant): number => Number(reason.propensity);

/**
 * The inverse propensities of an offer's grants add up to about the number of decisions that could have given
 * it, so to no more than the number of the campaign's orders. If the sum is far above that number, the logged
 * propensities are not the true probabilities.
 */
const tooLarge = ({ ledger, campaigns }: Facts, grants: readonly SeenGrant[]): string[] => {
  const tooLarge: string[] = [];
  for (const [name, alike] of Map.groupBy(grants, ({ campaignId, offer }) => `${campaignId} ${offer}`)) {
    const campaign = campaigns.get(alike[0]!.campaignId)!;
    const orders = [...ledger.orders.values()]
      .flatMap((sent) => distinctOf(sent, 'paid'))
      .filter((order) => countingOf(campaign, order) !== 'never').length;
    const inverse = alike.map((grant) => 1 / propensityOf(grant));
    const sum = inverse.reduce((all, one) => all + one, 0);
    const deviation = Math.sqrt(inverse.reduce((all, one) => all + one * (one - 1), 0));
    if (sum > orders + DEVIATIONS * deviation + 1)
      tooLarge.push(`${name}: inverse propensities add up to ${sum.toFixed(1)} in ${orders} orders`);
  }
  return tooLarge;
};

/**
 * Logged propensities: each is above 0 and at most 1, those of one decision add up to at most 1, and in the long run they are the
 * true probabilities.
 */
export const propensities: Invariant = {
  name: 'propensities',
  begin: (facts, report) => {
    const sums = new Map<string, number>();
    return {
      onStep: ({ grantChanges, atMs }) => {
        for (const { before, after } of grantChanges) {
          if (before !== undefined || after.kind !== 'coupon') continue;
          const propensity = propensityOf(after);
          if (!(propensity > 0 && propensity <= 1)) report(atMs, `${after.id}: propensity ${propensity}`);
          const decision = `${after.campaignId} ${after.trigger} ${after.member}`;
          const sum = (sums.get(decision) ?? 0) + propensity;
          sums.set(decision, sum);
          if (sum > 1 + ROUNDING) report(atMs, `${after.id}: propensities of one decision add up to ${sum}`);
        }
      },
      atEnd: ({ atMs }) => {
        const byOrders = allGrants(facts.observer).filter(
          ({ kind, trigger, reason }) =>
            kind === 'coupon' && facts.ledger.orders.has(trigger) && reason.arm === 'engine',
        );
        for (const details of tooLarge(facts, byOrders)) report(atMs, details);
      },
    };
  },
};
