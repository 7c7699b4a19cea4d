/**
 * How near decisions made one by one come to the optimum in hindsight: `node tests/bench/online.ts [arrivals...]` (default
 * 20,000 and 100,000). A day with a tick of the pacer a minute, one budget, 5 to 10 offers a member. A row is the worst of
 * several budgets and seeds: value over that of the linear relaxation of the whole day, from the price that a presale's
 * plan opens with, and from half and double that; the part of the budget spent; and what was spent beyond it. `evenly` is
 * what the best of all plans that spend the same every hour would have reached, knowing the day.
 *
 * `optimum` is checked against HiGHS on days of a thousand arrivals first.
 */
import {
  type Day,
  type DayPlan,
  DRIFTS,
  drawDay,
  evenRatio,
  INSTANCE_CLASSES,
  liveThrough,
  openingPrice,
} from '../pacer/day.ts';
import { linearOptimum } from '../plan/linear-program.ts';

const DEFAULT_ARRIVALS = [20_000, 100_000];
const BUDGET_SHARES = [0.1, 0.25, 0.4, 0.5];
const SEEDS = [1, 2, 3];
const OPENINGS = { ratio: 1, 'from half': 0.5, 'from double': 2 };
/** The share of keen members from 30 % to 70 %, each worth 1.5 others; and from 20 % to 80 %, each worth 2. */
const MILD = { keen: 1.5, swing: 0.2 };
const STRONG = { keen: 2, swing: 0.3 };
const CHECKED_ARRIVALS = 1_000;
const CHECKED_SHARE = 0.3;
const DIGITS = 4;

const checks = [];
for (const kind of INSTANCE_CLASSES) {
  const { candidates, budgetFen, optimum } = drawDay({
    kind,
    order: 'random',
    ...STRONG,
    arrivals: CHECKED_ARRIVALS,
    budgetShare: CHECKED_SHARE,
    seed: 1,
  });
  const budgets = { totalFen: Number.POSITIVE_INFINITY, poolFen: [budgetFen] };
  const highs = await linearOptimum({ candidates, budgets });
  checks.push({ class: kind, 'optimum over that of HiGHS': (optimum / highs.optimum).toFixed(8) });
}
console.table(checks);

/** The worst of a kind of day, over budgets and seeds. */
const worstOf = (plan: Omit<DayPlan, 'budgetShare' | 'seed'>): Record<string, string | number> => {
  const days: { plan: DayPlan; day: Day }[] = [];
  for (const budgetShare of BUDGET_SHARES) {
    for (const seed of SEEDS) {
      const full = { ...plan, budgetShare, seed };
      days.push({ plan: full, day: drawDay(full) });
    }
  }
  const row: Record<string, string | number> = {};
  const spend: number[] = [];
  let overspendFen = 0;
  for (const [name, factor] of Object.entries(OPENINGS)) {
    const results = days.map(({ plan: full, day }) => liveThrough(day, openingPrice(full) * factor));
    row[name] = Math.min(...results.map(({ ratio }) => ratio)).toFixed(DIGITS);
    spend.push(...results.map(({ spendShare }) => spendShare));
    overspendFen = Math.max(overspendFen, ...results.map((result) => result.overspendFen));
  }
  row.evenly = Math.min(...days.map(({ day }) => evenRatio(day))).toFixed(DIGITS);
  row['least spent'] = Math.min(...spend).toFixed(DIGITS);
  row['overspent fen'] = overspendFen;
  return row;
};

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : DEFAULT_ARRIVALS;
const orders: Pick<DayPlan, 'order' | 'keen' | 'swing'>[] = [
  { order: 'random', ...STRONG },
  ...[MILD, STRONG].flatMap((drift) => DRIFTS.map((order) => ({ order, ...drift }))),
  { order: 'rhythm', ...STRONG },
];
for (const arrivals of sizes) {
  const rows = orders.flatMap(({ order, ...drift }) =>
    INSTANCE_CLASSES.map((kind) => ({
      arrivals,
      order,
      drift: DRIFTS.some((one) => one === order) ? `${drift.keen} ±${drift.swing}` : '',
      class: kind,
      ...worstOf({ kind, order, ...drift, arrivals }),
    })),
  );
  console.table(rows);
}
