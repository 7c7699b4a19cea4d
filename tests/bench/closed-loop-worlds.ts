/**
 * Whether the engine learns behaviour that it was not made for: `npm run node -- tests/bench/closed-loop-worlds.ts [worlds] [members]` (20
 * worlds of 1,500 members by default). A seed is a world whose members think in their own way (`simulator/worlds.ts`), and a
 * sale of seven days in it. The functions that decide, pace, add up and solve are the pipeline's own; queues and tables are
 * left out. By day, the expected uses of coupons for the same money, as means over the worlds and as the worst world:
 *
 * - `learned / prior`: of the engine that learns over the one that stays with the prior, both with the same money.
 * - `learned / best`: over the best policy that the features allow: weights solved from three times as many members of the same
 *   world, who were given coupons at random without a limit of money.
 * - `wrong prior`: an engine that is told the opposite by its prior and stays with it, over that best policy.
 * - `wrong, learned`: one that is told the same and learns.
 */
import { solveUseModel } from '#domain/learning/use-model.ts';
import { useStatisticsOf } from '#domain/learning/use-statistics.ts';
import { WEEK_DAYS } from '#simulator/week.ts';
import { liveWeek, type WeekEngine, type WeekResult } from './closed-loop/week.ts';

const DEFAULT_WORLDS = 20;
const DEFAULT_MEMBERS = 1_500;
const FIRST_SEED = 7_001;
const EPSILON = 0.03;
const TEACHERS = 3;
const UNLIMITED = 1_000;
const OPPOSITE = 0.4;

const right = (pUsed: number): number => pUsed;
const wrong = (pUsed: number): number => Math.max(0, OPPOSITE - pUsed);

const worlds = Number(process.argv[2] ?? DEFAULT_WORLDS);
const members = Number(process.argv[3] ?? DEFAULT_MEMBERS);
const engine = (changes: Partial<WeekEngine> = {}): WeekEngine => ({
  prior: right,
  learns: false,
  epsilon: EPSILON,
  ...changes,
});

type Ratios = Record<string, number[]>;
const results: Ratios[] = [];
for (let seed = FIRST_SEED; seed < FIRST_SEED + worlds; seed++) {
  const taught = liveWeek(seed, TEACHERS * members, engine({ epsilon: 1 }), UNLIMITED).examples;
  const weights = solveUseModel(useStatisticsOf(taught), { version: 1, incrementalShare: 0.15 });
  const best = liveWeek(seed, members, engine({ weights }));
  const prior = liveWeek(seed, members, engine());
  const learned = liveWeek(seed, members, engine({ learns: true }));
  const misled = liveWeek(seed, members, engine({ prior: wrong }));
  const recovered = liveWeek(seed, members, engine({ prior: wrong, learns: true }));
  // A day's money differs between engines, because each expects something else of the days to come.
  const forMoney = ({ used, spentFen }: WeekResult): number[] =>
    used.map((uses, day) => uses / spentFen[day]!);
  const over = (one: WeekResult, other: WeekResult): number[] =>
    forMoney(one).map((uses, day) => uses / forMoney(other)[day]!);
  const ratios = {
    'learned / prior': over(learned, prior),
    'learned / best': over(learned, best),
    'wrong prior / best': over(misled, best),
    'wrong, learned / best': over(recovered, best),
  };
  results.push(ratios);
  const spent = [best, prior, learned, misled, recovered].map(({ spentShare }) => spentShare.toFixed(3));
  console.error(
    `world ${seed}: versions ${learned.versions}, spent ${spent.join(' ')}, ${JSON.stringify(ratios, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value))}`,
  );
}
const days = Array.from({ length: WEEK_DAYS }, (_, day) => day);
const tableOf = (figure: (values: number[]) => number) =>
  Object.fromEntries(
    Object.keys(results[0]!).map((name) => [
      name,
      Object.fromEntries(
        days.map((day) => [`day ${day + 1}`, figure(results.map((world) => world[name]![day]!)).toFixed(3)]),
      ),
    ]),
  );
console.log('means over the worlds');
console.table(tableOf((values) => values.reduce((sum, value) => sum + value, 0) / values.length));
console.log('the worst world');
console.table(tableOf((values) => Math.min(...values)));
