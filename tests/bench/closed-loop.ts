/**
 * What the engine gains in a closed loop: `npm run node -- tests/bench/closed-loop.ts [seeds]` (20 by default; about 10 seconds
 * a seed). Each seed is an hour of the demo's world at scale 1, which reacts to every coupon. The functions that decide, plan,
 * issue and pace are the pipeline's own; only queues and tables are left out. An engine's row is the mean over the seeds:
 *
 * - `lift`: how much higher the conversion of issued coupons is than in the baseline arm, in %. It is expected from the members'
 *   tastes.
 * - `redemptions`, `orders`: the expected numbers of used coupons, and of orders that would not have been made without a coupon,
 *   for each member of the engine arm.
 * - `orders over baseline`: the figure `orders`, divided by the same figure of the baseline arm.
 * - `spent`: how much of the engine's money was spent, in %.
 *
 * Engines: the one of commit 683ad3a, the one with the objective `conversions`, and the one with the objective `redemptions`.
 * Then come the means of the differences from the first engine, seed by seed, with their 95 % intervals (Student).
 */
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { type Engine, type HourResult, liveHour } from './closed-loop/hour.ts';
import { oldEngine } from './closed-loop/old-engine.ts';

const DEFAULT_SEEDS = 20;
/** No seed from this one on was looked at while the engine was made. */
const FIRST_SEED = 9_001;
/** The normal 97.5 % quantile. Student's is computed from it by an expansion (Abramowitz and Stegun, 26.7.5). */
const Z = 1.959964;
const quantileFor = (freedom: number): number =>
  Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2);

const withPrior = (objective: 'conversions' | 'redemptions'): Engine => ({
  coupons: (definition) => ({ ...definition, objective }),
  presaleModel: () => PRIOR,
  orderModel: () => PRIOR,
});

const ENGINES: Readonly<Record<string, Engine>> = {
  '683ad3a': oldEngine,
  conversions: withPrior('conversions'),
  redemptions: withPrior('redemptions'),
};

const figuresOf = ({ truth, eligible, spentShare }: HourResult) => {
  const { engine } = truth.arms;
  return {
    lift: 100 * truth.conversionLift!,
    redemptions: engine!.conversions / eligible.engine,
    orders: truth.ordersPerMember.engine!,
    'orders over baseline': truth.ordersPerMember.engine! / truth.ordersPerMember.baseline!,
    spent: 100 * spentShare.engine,
  };
};

type Figures = ReturnType<typeof figuresOf>;
type Name = keyof Figures;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const intervalOf = (values: readonly number[]): string => {
  const middle = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  const reach = quantileFor(values.length - 1) * Math.sqrt(variance / values.length);
  return `${middle.toFixed(2)} (${(middle - reach).toFixed(2)} to ${(middle + reach).toFixed(2)})`;
};

const seeds = Number(process.argv[2] ?? DEFAULT_SEEDS);
const results = Object.fromEntries(Object.keys(ENGINES).map((name) => [name, [] as Figures[]]));
for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
  console.error(`seed ${seed}`);
  for (const [name, engine] of Object.entries(ENGINES))
    results[name]!.push(figuresOf(liveHour(seed, 1, engine)));
}
const NAMES: readonly Name[] = ['lift', 'redemptions', 'orders', 'orders over baseline', 'spent'];
console.table(
  Object.fromEntries(
    Object.entries(results).map(([engine, all]) => [
      engine,
      Object.fromEntries(NAMES.map((name) => [name, mean(all.map((one) => one[name])).toFixed(4)])),
    ]),
  ),
);
const [first, ...others] = Object.keys(ENGINES);
console.table(
  Object.fromEntries(
    others.map((engine) => {
      const pairs = results[engine]!.map((now, i) => [now, results[first!]![i]!] as const);
      return [
        `${engine} against ${first}`,
        {
          'lift, points': intervalOf(pairs.map(([now, then]) => now.lift - then.lift)),
          'redemptions, %': intervalOf(
            pairs.map(([now, then]) => 100 * (now.redemptions / then.redemptions - 1)),
          ),
          'orders, %': intervalOf(pairs.map(([now, then]) => 100 * (now.orders / then.orders - 1))),
        },
      ];
    }),
  ),
);
