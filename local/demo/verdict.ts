import { BRANDS_ABOVE_LINE, BRANDS_DOUBLED } from '#simulator/announced.ts';
import { LAST_SALE, SALE } from '#simulator/campaigns.ts';
import type { Headline, Ledger } from '#simulator/ledger.ts';
import type { Findings } from './findings.ts';

/**
 * A check of a run: a figure as found, and the right one. Most compare the pipeline with the ledger; those "by the ledger" check
 * that the simulator made the sale that it was meant to make.
 */
export type Check = {
  name: string;
  unit: 'count' | 'fen';
  found: number;
  expected: number;
  /** How far the two figures may differ, as a share of the expected figure; 0 if it must be exact. */
  tolerance: number;
  isRight: boolean;
};

/** At scale 1 the standard error of the estimates of members is below 0.5 %, so this is more than three standard errors. */
const SKETCH_TOLERANCE = 0.015;

type Pair = [found: number, expected: number];

const check = (name: string, unit: Check['unit'], [found, expected]: Pair, tolerance = 0): Check => ({
  name,
  unit,
  found,
  expected,
  tolerance,
  isRight: Math.abs(found - expected) <= tolerance * expected,
});

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Compares what the pipeline found with the simulator's ledger and with the announced figures. */
export const checksOf = (
  { report, view, budget }: Findings,
  headline: Headline,
  malformed: number,
  participants: number,
): Check[] => {
  const sale = report.campaigns[SALE]!;
  const { headline: shown, brands, freeOrders, milestones } = view;
  const issuedFen = Object.entries(sale.decisions).reduce(
    (sum, [label, { amountFen }]) => (label.startsWith('coupon-issued/') ? sum + amountFen : sum),
    0,
  );
  const crossed = milestones.filter(({ kind }) => kind === 'brand-line').length;
  return [
    check('brands above the line', 'count', [brands.aboveLine, BRANDS_ABOVE_LINE]),
    check('brands above the line by the ledger', 'count', [headline.brandsAtLine, BRANDS_ABOVE_LINE]),
    check('milestones of brands', 'count', [crossed, BRANDS_ABOVE_LINE]),
    check('brands that doubled', 'count', [brands.doubled ?? 0, BRANDS_DOUBLED]),
    check('brands doubled by the ledger', 'count', [headline.brandsDoubled, BRANDS_DOUBLED]),
    check('net amount', 'fen', [shown.netFen.value, headline.netFen]),
    check('gross amount', 'fen', [sale.grossFen, headline.grossFen]),
    check('orders', 'count', [shown.orders.value, headline.orders]),
    check('refunds', 'count', [sale.refunds, headline.refunds]),
    check("last year's net amount", 'fen', [shown.netFen.lastYear ?? 0, headline.lastYearNetFen]),
    check('active members', 'count', [shown.members.value, headline.members], SKETCH_TOLERANCE),
    check(
      'active members last year',
      'count',
      [shown.members.lastYear ?? 0, headline.lastYearMembers],
      SKETCH_TOLERANCE,
    ),
    check(
      'free-order participants',
      'count',
      [freeOrders?.participants ?? 0, headline.participants],
      SKETCH_TOLERANCE,
    ),
    check('participants by the ledger', 'count', [headline.participants, participants]),
    check('coupons issued, and left of the budget', 'fen', [
      issuedFen + budget.remainingFen,
      budget.totalFen,
    ]),
    check('malformed bodies, rejected', 'count', [sumOf(report.rejected), malformed]),
  ];
};

/**
 * What is wrong beyond the checks, one line for each fault: broken promises of the pipeline, brands that differ from the ledger,
 * overspent budgets, and no more active members than last year.
 */
export const faultsOf = (
  { report, view, budget, broken }: Findings,
  sale: Ledger,
  lastYear: Ledger,
): string[] => {
  const faults = [...broken];
  for (const [campaignId, ledger] of [
    [SALE, sale],
    [LAST_SALE, lastYear],
  ] as const) {
    const { brands } = report.campaigns[campaignId]!;
    const differing = [...ledger.netFen].filter(([brand, fen]) => (brands[brand]?.netFen ?? 0) !== fen);
    const [first] = differing;
    if (first !== undefined) {
      const [brand, fen] = first;
      const found = brands[brand]?.netFen ?? 0;
      faults.push(
        `campaign ${campaignId}: ${differing.length} brands differ, ${brand}: expected ${fen} fen, got ${found}`,
      );
    }
    const counted = Object.keys(brands).length;
    if (counted !== ledger.netFen.size)
      faults.push(`campaign ${campaignId}: expected ${ledger.netFen.size} brands, got ${counted}`);
  }
  if (budget.leastShardFen < 0) faults.push(`coupon budget: overspent by ${-budget.leastShardFen} fen`);
  const free = view.freeOrders;
  if (free !== undefined && free.awardedFen > free.budgetFen) {
    faults.push(`free-order budget: overspent by ${free.awardedFen - free.budgetFen} fen`);
  }
  const { members } = view.headline;
  if (members.value <= (members.lastYear ?? 0)) {
    faults.push(`active members: expected more than last year's ${members.lastYear}, got ${members.value}`);
  }
  return faults;
};
