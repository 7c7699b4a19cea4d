/**
 * How close decisions made one by one come to the optimum in hindsight: `npm run node -- tests/bench/online.ts [arrivals...]`
 * (default 20,000 and 100,000). Each run is a day with one budget, on which the pacer sets a price every minute and each member
 * has 5 to 10 offers. Each number is a ratio: the value reached, divided by the optimum of the whole day's linear relaxation. It
 * is the worst ratio over several budgets and seeds:
 *
 * - `known`: the presale's plan has counted an audience of other members with the same overall mix as those who come, and takes
 *   the opening price from it; if demand comes in waves, the curve of an earlier sale with the same waves is known too.
 * - `from half`, `from double`: the same, but with half or double that opening price.
 * - `no curve`: like `known`, but without the curve of the earlier sale.
 * - `no audience`: like `known`, but the pacer gets only the opening price, not the audience.
 * - `misled`: the share of keen members in the audience is 15 percentage points below, or above, that among those who come.
 * - `evenly`: what the best plan that spends the same every hour would have reached, if it had known the whole day.
 *
 * It also prints the least part of the budget spent, and the most spent beyond it, in `known` and `no curve`.
 *
 * Before that, it checks `optimum` against HiGHS on days of a thousand arrivals. All of it takes about 10 minutes.
 */

import { linearOptimum } from '../allocation/linear-program.ts';
import {
  type Day,
  type DayPlan,
  DRIFTS,
  drawDay,
  evenRatio,
  foreknown,
  INSTANCE_CLASSES,
  type InstanceClass,
} from '../pacing/day.ts';
import { curveLeftBy, type DayResult, type Known, liveThrough } from '../pacing/live.ts';

const DEFAULT_ARRIVALS = [20_000, 100_000];
const BUDGET_SHARES = [0.1, 0.25, 0.4, 0.5];
const SEEDS = [1, 2];
/** The share of keen members moves between 30 % and 70 %, each worth 1.5 others; or between 20 % and 80 %, each worth 2. */
const MILD = { keen: 1.5, swing: 0.2 };
const STRONG = { keen: 2, swing: 0.3 };
const MISLEADING_MIXES = [0.35, 0.65];
const EARLIER_SEED = 1_000;
const CHECKED_ARRIVALS = 1_000;
const CHECKED_SHARE = 0.3;
const DIGITS = 4;

const worst = (results: readonly DayResult[]): string =>
  Math.min(...results.map(({ ratio }) => ratio)).toFixed(DIGITS);

const checked = async (kind: InstanceClass) => {
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
  return { class: kind, 'optimum over that of HiGHS': (optimum / highs.optimum).toFixed(8) };
};

const checks = [];
for (const kind of INSTANCE_CLASSES) checks.push(await checked(kind));
console.table(checks);

/** The worst result of a kind of day, over budgets and seeds. */
const worstOf = (kindOfDay: Omit<DayPlan, 'budgetShare' | 'seed'>) => {
  const days = BUDGET_SHARES.flatMap((budgetShare) =>
    SEEDS.map((seed): { plan: DayPlan; day: Day; known: Known } => {
      const plan = { ...kindOfDay, budgetShare, seed };
      const known: Known = foreknown(plan);
      if (plan.order === 'rhythm') {
        const curve = curveLeftBy(drawDay({ ...plan, seed: seed + EARLIER_SEED }));
        if (curve !== undefined) known.curve = curve;
      }
      return { plan, day: drawDay(plan), known };
    }),
  );
  const live = (change: (known: Known, plan: DayPlan) => Known): DayResult[] =>
    days.map(({ plan, day, known }) => liveThrough(day, change(known, plan)));
  const known = live((all) => all);
  const opened = (factor: number) => live((all) => ({ ...all, openingPrice: factor * all.openingPrice }));
  const withoutCurve =
    kindOfDay.order === 'rhythm'
      ? live(({ openingPrice, audience }) => ({ openingPrice, ...(audience && { audience }) }))
      : known;
  const withoutAudience = live(({ openingPrice, curve }) => ({ openingPrice, ...(curve && { curve }) }));
  const misled = MISLEADING_MIXES.flatMap((mix) =>
    live((all, plan) => ({ ...all, ...foreknown(plan, mix) })),
  );
  const spent = [...known, ...withoutCurve];
  return {
    known: worst(known),
    'from half': worst(opened(0.5)),
    'from double': worst(opened(2)),
    'no curve': worst(withoutCurve),
    'no audience': worst(withoutAudience),
    misled: worst(misled),
    evenly: Math.min(...days.map(({ day }) => evenRatio(day))).toFixed(DIGITS),
    'least spent': Math.min(...spent.map(({ spendShare }) => spendShare)).toFixed(DIGITS),
    'overspent fen': Math.max(...spent.map(({ overspendFen }) => overspendFen)),
  };
};

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : DEFAULT_ARRIVALS;
const orders: Pick<DayPlan, 'order' | 'keen' | 'swing'>[] = [
  { order: 'random', ...STRONG },
  ...[MILD, STRONG].flatMap((drift) => DRIFTS.map((order) => ({ order, ...drift }))),
  { order: 'rhythm', ...STRONG },
];
for (const arrivals of sizes) {
  const rows = orders.flatMap(({ order, ...drift }) =>
    INSTANCE_CLASSES.map((kind) => {
      console.error(`${arrivals} arrivals, ${order}, ${kind}`);
      return {
        arrivals,
        order,
        drift: DRIFTS.some((one) => one === order) ? `${drift.keen} ±${drift.swing}` : '',
        class: kind,
        ...worstOf({ kind, order, ...drift, arrivals }),
      };
    }),
  );
  console.table(rows);
}
