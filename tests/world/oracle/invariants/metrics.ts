import type { BrandFigures, Figures, Invariant } from '../invariant.ts';
import { type Expected, expectedMetrics } from './expected-metrics.ts';

const FIELDS = ['orders', 'grossFen', 'refunds', 'refundedFen'] as const;
const STORE_FIELDS = ['orders', 'grossFen', 'refundedFen'] as const;
const NOTHING: BrandFigures = { orders: 0, grossFen: 0, refunds: 0, refundedFen: 0 };

/** Counts and amounts under all labels with this first word. */
export const talliesOf = ({ tallies }: Figures, head: string): { count: number; fen: number } => {
  const sum = { count: 0, fen: 0 };
  for (const [label, { count, fen }] of tallies) {
    if (label !== head && !label.startsWith(`${head}/`)) continue;
    sum.count += count;
    sum.fen += fen;
  }
  return sum;
};

export const wholeOf = (figures: Figures): BrandFigures => {
  const paid = talliesOf(figures, 'paid');
  const refunded = talliesOf(figures, 'refunded');
  return { orders: paid.count, grossFen: paid.fen, refunds: refunded.count, refundedFen: refunded.fen };
};

/** The figures that are outside of their possible range, in words. */
const faultsOf = (
  name: string,
  figures: BrandFigures,
  expected: Expected,
  fields: readonly (keyof BrandFigures)[] = FIELDS,
): string[] =>
  fields.flatMap((field) => {
    const { min, max } = expected[field];
    const got = figures[field];
    if (got >= min && got <= max) return [];
    return [`${name}: ${field}: expected ${min === max ? min : `${min} to ${max}`}, got ${got}`];
  });

/** The same for stores. A row has the amount of a store's refunds, not their number. The seeded world's rows keep every store. */
const faultsOfStores = (
  { campaignId, stores }: Figures,
  expected: ReadonlyMap<string, Expected>,
): string[] => [
  ...[...expected].flatMap(([store, ranges]) =>
    faultsOf(`${campaignId} ${store}`, { ...NOTHING, ...stores.get(store) }, ranges, STORE_FIELDS),
  ),
  ...[...stores.keys()]
    .filter((store) => !expected.has(store))
    .map((store) => `${campaignId} ${store}: nothing of it was sent`),
];

/** The orders, refunds and amounts of a campaign, of each brand and of each store are those of the set of accepted events. */
export const metrics: Invariant = {
  name: 'metrics',
  begin: ({ ledger, campaigns }, report) => ({
    atEnd: ({ atMs, figures }) => {
      for (const campaign of campaigns.listed()) {
        const { campaignId } = campaign.definition;
        const got = figures.get(campaignId);
        if (got === undefined) continue;
        const { whole, brands, stores, conflicts } = expectedMetrics(ledger, campaign);
        const faults = faultsOf(campaignId, wholeOf(got), whole);
        for (const [brand, expected] of brands)
          faults.push(...faultsOf(`${campaignId} ${brand}`, got.brands.get(brand) ?? NOTHING, expected));
        for (const brand of got.brands.keys())
          if (!brands.has(brand)) faults.push(`${campaignId} ${brand}: nothing of it was sent`);
        faults.push(...faultsOfStores(got, stores));
        if (got.conflicts > conflicts)
          faults.push(
            `${campaignId}: ${got.conflicts} conflicts, but ${conflicts} ids with two contents were sent`,
          );
        for (const fault of faults) report(atMs, fault);
      }
    },
  }),
};

/** If an event id is sent with two contents in one window, the first content counts, so that nobody can change it afterwards. */
export const firstContent: Invariant = {
  name: 'first-content',
  begin: ({ ledger, campaigns }, report) => ({
    atEnd: ({ atMs, figures }) => {
      for (const campaign of campaigns.listed()) {
        const { campaignId } = campaign.definition;
        const got = figures.get(campaignId);
        if (got === undefined) continue;
        for (const [brand, expected] of expectedMetrics(ledger, campaign).brands) {
          for (const field of FIELDS) {
            const { min, max, firstMin, firstMax } = expected[field];
            const value = got.brands.get(brand)?.[field] ?? 0;
            const isFirst = value >= firstMin && value <= firstMax;
            const first = firstMin === firstMax ? firstMin : `${firstMin} to ${firstMax}`;
            if (!isFirst && value >= min && value <= max)
              report(
                atMs,
                `${campaignId} ${brand}: ${field}: expected ${first} by what was sent first, got ${value}`,
              );
          }
        }
      }
    },
  }),
};

/** The estimate of members who ordered is never above the number of orders. */
export const members: Invariant = {
  name: 'members',
  begin: (_, report) => ({
    atEnd: ({ atMs, figures }) => {
      for (const one of figures.values()) {
        const { orders } = wholeOf(one);
        if (one.members > orders)
          report(atMs, `${one.campaignId}: ${one.members} members made ${orders} orders`);
      }
    },
  }),
};
