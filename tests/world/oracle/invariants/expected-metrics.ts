import { type Campaign, countingOf } from '../campaigns.ts';
import type { BrandFigures } from '../invariant.ts';
import type { Ledger, SentOrder } from '../ledger.ts';

/**
 * The least and the most that a figure can be: `min` and `max` if any of several contents may count, `firstMin` and `firstMax`
 * if only the one sent first may.
 */
export type Range = { min: number; max: number; firstMin: number; firstMax: number };

export type Expected = Readonly<Record<keyof BrandFigures, Range>>;

/**
 * The contents that came under one event id within a window. At most one of them counts: the first that the pipeline accepted.
 * Which one that is may be uncertain, if a content was sent when the campaign may not have been known, or at the same instant
 * as another.
 */
type Group = { contents: SentOrder[]; firstMs: number };

const noRange = (): Range => ({ min: 0, max: 0, firstMin: 0, firstMax: 0 });
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
      const group = groups.get(name) ?? { contents: [], firstMs: Number.POSITIVE_INFINITY };
      groups.set(name, group);
      group.contents.push(order);
      if (counting === 'certain') group.firstMs = Math.min(group.firstMs, order.sentMs);
    }
  }
  return [...groups.values()];
};

const addTo = (range: Range, amounts: readonly number[], firsts: readonly number[], isCertain: boolean) => {
  range.min += isCertain ? Math.min(...amounts) : 0;
  range.max += Math.max(...amounts);
  range.firstMin += isCertain ? Math.min(...firsts) : 0;
  range.firstMax += Math.max(...firsts);
};

const addGroup = (
  expected: Expected,
  { contents, firstMs }: Group,
  isOfIt: (order: SentOrder) => boolean = () => true,
): void => {
  const isCertain = Number.isFinite(firstMs);
  const amountsOf = (kind: SentOrder['kind'], amount: (order: SentOrder) => number): number[] =>
    contents.map((order) => (order.kind === kind && isOfIt(order) ? amount(order) : 0));
  const one = () => 1;
  const fen = (order: SentOrder) => order.fen;
  const add = (range: Range, amounts: readonly number[]): void => {
    const firsts = amounts.filter((_, i) => contents[i]!.sentMs <= firstMs);
    addTo(range, amounts, firsts, isCertain);
  };
  add(expected.orders, amountsOf('paid', one));
  add(expected.grossFen, amountsOf('paid', fen));
  add(expected.refunds, amountsOf('refunded', one));
  add(expected.refundedFen, amountsOf('refunded', fen));
};

/** Adds a group to each brand or store that its contents name. */
const addEach = (
  all: Map<string, Expected>,
  group: Group,
  nameOf: (order: SentOrder) => string | undefined,
): void => {
  for (const name of new Set(group.contents.map(nameOf))) {
    if (name === undefined) continue;
    const expected = all.get(name) ?? nothing();
    all.set(name, expected);
    addGroup(expected, group, (order) => nameOf(order) === name);
  }
};

export type ExpectedMetrics = {
  whole: Expected;
  brands: Map<string, Expected>;
  stores: Map<string, Expected>;
  /** How many event ids may have different contents in one window. */
  conflicts: number;
};

/** What a campaign's figures must be, from everything that was sent. */
export const expectedMetrics = (ledger: Ledger, campaign: Campaign): ExpectedMetrics => {
  const whole = nothing();
  const brands = new Map<string, Expected>();
  const stores = new Map<string, Expected>();
  let conflicts = 0;
  for (const group of groupsOf(ledger, campaign)) {
    if (group.contents.length > 1) conflicts++;
    addGroup(whole, group);
    addEach(brands, group, (order) => order.brand);
    addEach(stores, group, (order) => order.store);
  }
  return { whole, brands, stores, conflicts };
};
