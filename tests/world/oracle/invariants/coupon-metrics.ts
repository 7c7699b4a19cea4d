import type { Campaign } from '../campaigns.ts';
import { countingOf } from '../campaigns.ts';
import type { Facts, Figures, Invariant } from '../invariant.ts';
import { allGrants } from '../seen-grants.ts';
import { talliesOf } from './metrics.ts';

/** Where the metrics of a campaign's coupons differ from its grants. */
const couponFaults = (facts: Facts, campaignId: string, figures: Figures): string[] => {
  const grants = allGrants(facts.observer).filter(
    (one) => one.kind === 'coupon' && one.campaignId === campaignId,
  );
  const count = (head: string): number => talliesOf(figures, head).count;
  const inState = (state: string): number => grants.filter((one) => one.state === state).length;
  const pairs: [what: string, counted: number, granted: number][] = [
    ['issued', count('coupon-issued'), grants.length],
    ['redeemed less returned', count('coupon-redeemed') - count('coupon-returned'), inState('redeemed')],
    ['expired', count('coupon-expired'), inState('expired')],
  ];
  return pairs
    .filter(([, counted, granted]) => counted !== granted)
    .map(
      ([what, counted, granted]) =>
        `${campaignId}: the metrics say that ${counted} coupons are ${what}, the grants ${granted}`,
    );
};

/** The metrics count exactly what happened to the coupons. */
export const couponMetrics: Invariant = {
  name: 'coupon-metrics',
  begin: (facts, report) => ({
    atEnd: ({ atMs, figures }) => {
      for (const [campaignId, one] of figures) {
        if (facts.campaigns.get(campaignId)?.definition.coupons === undefined) continue;
        for (const fault of couponFaults(facts, campaignId, one)) report(atMs, fault);
      }
    },
  }),
};

/** The least and the most decisions that a campaign's orders can cause. */
const decisionRange = ({ ledger }: Facts, campaign: Campaign): [min: number, max: number] => {
  let min = 0;
  let max = 0;
  for (const contents of ledger.orders.values()) {
    const countings = contents
      .filter(({ kind }) => kind === 'paid')
      .map((order) => countingOf(campaign, order));
    // An event may have been sent with several contents. If the first arrived before the campaign was known, the event is
    // remembered, and this campaign may never decide on it.
    if (countings[0] === 'certain') min++;
    if (countings.some((counting) => counting !== 'never')) max++;
  }
  return [min, max];
};

const decisionFaults = (facts: Facts, campaign: Campaign, figures: Figures): string[] => {
  const { campaignId } = campaign.definition;
  const faults: string[] = [];
  const [min, max] = decisionRange(facts, campaign);
  const given = allGrants(facts.observer).filter(
    ({ kind, campaignId: id, trigger }) =>
      kind === 'coupon' && id === campaignId && facts.ledger.orders.has(trigger),
  ).length;
  // An order that comes too late to decide on may have been decided on before. Nobody can tell, so it is counted separately
  // from decisions.
  const tooLate = [...figures.tallies]
    .filter(([label]) => label.startsWith('coupon-withheld/') && label.endsWith('/too-late-to-decide'))
    .reduce((sum, [, { count }]) => sum + count, 0);
  const decisions = given + talliesOf(figures, 'coupon-withheld').count - tooLate;
  if (decisions + tooLate < min || decisions > max) {
    const orders = min === max ? min : `${min} to ${max}`;
    faults.push(`${campaignId}: ${decisions} decisions and ${tooLate} too late on ${orders} orders`);
  }
  for (const label of figures.tallies.keys()) {
    const [head, arm, reason] = label.split('/');
    if (head === 'coupon-withheld' && (arm === 'control') !== (reason === 'control'))
      faults.push(`${campaignId}: ${label} was counted, which is not a possible result of its decisions`);
  }
  const refused = talliesOf(figures, 'coupon-refused').count;
  const naming = [...facts.ledger.byCoupon].flatMap(([coupon, orders]) => {
    const named = facts.campaigns.ofCoupon(coupon);
    return named === undefined || named === campaign ? orders.filter(({ kind }) => kind === 'paid') : [];
  }).length;
  if (refused > naming)
    faults.push(`${campaignId}: ${refused} coupons refused, but orders named only ${naming} of its coupons`);
  return faults;
};

/** Each campaign decides once on each of its orders, and counts only its own decisions. */
export const decisions: Invariant = {
  name: 'decisions',
  begin: (facts, report) => ({
    atEnd: ({ atMs, figures }) => {
      for (const campaign of facts.campaigns.listed()) {
        const one = figures.get(campaign.definition.campaignId);
        if (campaign.definition.coupons === undefined || one === undefined) continue;
        for (const fault of decisionFaults(facts, campaign, one)) report(atMs, fault);
      }
    },
  }),
};
