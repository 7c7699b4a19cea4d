/** `zhihui campaign plan`: says what a campaign's presale would give. */
import type { CampaignDefinition } from '#events/contract.ts';
import { formatCount, formatFen, formatTable } from '#local/console/format.ts';
import {
  type CampaignPlan,
  type Expected,
  type PlannedCoupons,
  planCampaign,
} from '../operate/plan-campaign.ts';
import { TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { readCampaignFile } from '../replay/openings.ts';
import { type Action, show } from './actions.ts';
import { EXIT_DONE } from './verb.ts';

const around = ({ estimate, low, high }: Expected): string =>
  `${formatCount(Math.round(estimate))} (${formatCount(Math.round(low))} to ${formatCount(Math.round(high))})`;

const cellsOf = ({ coupons, faceFen, redemptions, moreOrders }: PlannedCoupons): string[] => [
  formatCount(coupons),
  formatFen(faceFen),
  around(redemptions),
  around(moreOrders),
];

const price = (value: number): string => String(Number(value.toPrecision(4)));

const readoutLines = ({ readout }: CampaignPlan): string[] =>
  readout === undefined
    ? ['engine and baseline cannot be compared: that takes coupons in both arms']
    : [
        `to detect +15 %: ${formatCount(readout.membersNeeded)} members an arm, if ${(100 * readout.usedShare).toFixed(1)} % of coupons are used; ${readout.isEnough ? 'there are enough' : 'there are too few, unless orders bring many more coupons'}`,
      ];

const planLines = (plan: CampaignPlan): string[] => {
  const { campaignId, members, model, presalePrices, openingPrices, arms, groups } = plan;
  const all = Object.values(members).reduce((sum, count) => sum + count, 0);
  return [
    `campaign ${campaignId}: what its presale would give ${formatCount(all)} members; nothing is written`,
    ...(all === 0 ? ['  no member is known yet: the first orders and tiers make members known'] : []),
    `  members: ${Object.entries(members)
      .map(([arm, count]) => `${arm} ${formatCount(count)}`)
      .join(', ')}; model ${model}`,
    ...Object.entries(presalePrices).map(
      ([budget, prices]) => `  ${budget}: price of a fen ${prices.map(price).join(' to ')} in the presale`,
    ),
    ...Object.entries(openingPrices).map(
      ([budget, value]) => `  ${budget}: price of a fen ${price(value)} when the sale begins`,
    ),
    '',
    ...formatTable([
      ['arm, offer, tier', 'coupons', 'worth', 'used, with 95 %', 'more orders, with 95 %'],
      ...groups.map((group) => [
        `${group.arm}, ${group.offerId}, ${group.tier || 'no tier'}`,
        ...cellsOf(group),
      ]),
      ...arms.map((arm) => [`${arm.arm}, of ${formatFen(arm.presaleFen)}`, ...cellsOf(arm)]),
    ]),
    '',
    ...readoutLines(plan),
  ];
};

/** `zhihui campaign plan`. */
export const PLAN: Action = {
  operands: ['FILE'],
  texts: TARGET_TEXTS,
  prepare: (given) => () =>
    withTarget(targetOptions(given.values), async ({ runtime }) => {
      const { text } = readCampaignFile(given.operands[0]!, runtime.clock.nowMs());
      const plan = await planCampaign(runtime, (JSON.parse(text) as { data: CampaignDefinition }).data);
      show(given, plan, planLines(plan));
      return EXIT_DONE;
    }),
};
