/** Puts a simulated sale together. */
import type { CampaignDefinition } from '#events/contract.ts';
import { type Size, sizeAt } from './announced.ts';
import { PREPARATION_MS } from './calendar.ts';
import { everydayDefinition, lastSaleDefinition, saleDefinition } from './campaigns.ts';
import { presaleText } from './event.ts';
import { type History, historyOf } from './history.ts';
import { type ReceivedCoupon, SaleHour } from './hour.ts';
import { membersOf, type Taste } from './members.ts';
import { participatingStores } from './stores.ts';

/** A whole simulated sale, as events for intake. */
export type Simulation = {
  size: Size;
  members: readonly Taste[];
  /** The events that open last year's sale and the everyday campaign, and the one that opens this sale. */
  earlierOpenings: string[];
  opening: string;
  sale: CampaignDefinition;
  history: History;
  hour: SaleHour;
  /** Gives members their coupons, from whichever campaign. */
  tell: (coupons: readonly ReceivedCoupon[], nowMs: number) => void;
};

/** Makes a sale from a seed (a whole number) and a scale. Takes about a second at scale 1. */
export const simulate = (seed: number, scale: number): Simulation => {
  const size = sizeAt(scale);
  const members = membersOf(seed, size);
  const hour = new SaleHour(seed, scale, size, members);
  const history = historyOf(seed, members, hour.brands, size.lineFen);
  const sale = saleDefinition(scale, size, participatingStores());
  return {
    size,
    members,
    earlierOpenings: [lastSaleDefinition(), everydayDefinition()].map((definition) =>
      presaleText(definition, PREPARATION_MS),
    ),
    opening: presaleText(sale, PREPARATION_MS),
    sale,
    history,
    hour,
    tell(coupons, nowMs) {
      history.trial.tell(coupons);
      hour.tell(coupons, nowMs);
    },
  };
};
