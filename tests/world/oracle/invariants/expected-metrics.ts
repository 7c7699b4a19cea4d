import { type Campaign, countingOf } from '../campaigns.ts';
import type { BrandFigures } from '../invariant.ts';
import type { Ledger, SentOrder } from '../ledger.ts';

/** The least and the most that a figure can be, and what it is when all count, of several contents the first. */
export type Range = { min: number; max: number; first: number; isCertain: boolean };

export type Expected = Readonly<Record<keyof BrandFigures, Range>>;

/** What one event id comes to within a window: one of these contents, for sure or not. */
type Group = { contents: SentOrder[]; isCertain: boolean };

const noRange = (): Range => ({ min: 0, max: 0, first: 0, isCertain: true });
const nothing = (): Expected => ({
  orders: noRange(),
  grossFen: noRange(),
  refunds: noRange(),
  refundedFen: noRange(),
});

const groupsOf = (ledger: Ledger, campaign: Campaign): Group[] => {
  const groups = new Map<string, Group>();
  for (const contents of ledger.orders.values()) {
    for (const order of contents) {
      const counting = countingOf(campaign, order);
      if (counting === 'never') continue;
      const name = `${order.eventId} ${Math.floor(order.timeMs / campaign.windowMs)}`;
      const group = groups.get(name) ?? { contents: [], isCertain: false };
      groups.set(name, group);
      group.contents.push(order);
      group.isCertain ||= counting === 'certain';
    }
  }
  return [...groups.values()];
};

const addTo = (range: Range, amounts: readonly number[], isCertain: boolean): void => {
  range.min += isCertain ? Math.min(...amounts) : 0;
  range.max += Math.max(...amounts);
  range.first += amounts[0]!;
  range.isCertain &&= isCertain;
};

const addGroup = (expected: Expected, { contents, isCertain }: Group, brand?: string): void => {
  const amountsOf = (kind: SentOrder['kind'], amount: (order: SentOrder) => number): number[] =>
    contents.map((order) =>
      order.kind === kind && (brand === undefined || order.brand === brand) ? amount(order) : 0,
    );
  const one = () => 1;
  const fen = (order: SentOrder) => order.fen;
  addTo(expected.orders, amountsOf('paid', one), isCertain);
  addTo(expected.grossFen, amountsOf('paid', fen), isCertain);
  addTo(expected.refunds, amountsOf('refunded', one), isCertain);
  addTo(expected.refundedFen, amountsOf('refunded', fen), isCertain);
};

export type ExpectedMetrics = {
  whole: Expected;
  brands: Map<string, Expected>;
  /** Event ids under which different contents may meet in a window. */
  conflicts: number;
};

/** What a campaign's figures must be by all that was sent. */
export const expectedMetrics = (ledger: Ledger, campaign: Campaign): ExpectedMetrics => {
  const whole = nothing();
  const brands = new Map<string, Expected>();
  let conflicts = 0;
  for (const group of groupsOf(ledger, campaign)) {
    if (group.contents.length > 1) conflicts++;
    addGroup(whole, group);
    for (const brand of new Set(group.contents.map((order) => order.brand))) {
      const expected = brands.get(brand) ?? nothing();
      brands.set(brand, expected);
      addGroup(expected, group, brand);
    }
  }
  return { whole, brands, conflicts };
};
