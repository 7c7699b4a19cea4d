/**
 * Whether the engine learns behaviour that it was not made for:
 *
 *     npm run node -- tests/bench/closed-loop-worlds.ts [worlds] [members] [first seed]
 *
 * By default there are 20 worlds of 5,600 members, a tenth of the demo's. A seed is a world whose members think in their own way
 * (`simulator/worlds.ts`), and a sale of seven days in it. The functions that decide, pace, add up and solve are the pipeline's
 * own; queues and tables are left out. The simulator knows its members, so it knows how many coupons a policy may expect to be
 * used (`closed-loop/judge.ts`). Each figure divides these uses of one policy by those of another, on the same orders of a day
 * and for the same money. Printed are the mean over the worlds, and the worst world:
 *
 * - `learned / prior`: the engine that learns, by the one that keeps its prior.
 * - `learned / best`: the engine that learns, by the best policy that the features allow. Its weights are solved from as many
 *   members of the same world, who were given a coupon at random after every order.
 * - `prior / best`: the prior by that best policy, which says what there is to learn.
 * - `wrong, learned / prior`: an engine that learns, but whose prior says the opposite, by the one that keeps the right prior.
 * - `wrong, learned / best`: the same engine by the best policy.
 * - `wrong / best`: the engine that keeps the wrong prior, by the best policy.
 */
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import { useStatisticsOf } from '#domain/learning/use-statistics.ts';
import { WEEK_DAYS } from '#simulator/week.ts';
import { expectedUses } from './closed-loop/judge.ts';
import {
  liveWeek,
  OFFER_COSTS,
  OWN,
  profilesBefore,
  type WeekEngine,
  type WeekResult,
} from './closed-loop/week.ts';

const [worlds = 20, members = 5_600, firstSeed = 12_001] = process.argv.slice(2).map(Number);
const EPSILON = 0.03;
const UNLIMITED = 1_000;
const OPPOSITE = 0.4;

const right = (pUsed: number): number => pUsed;
const wrong = (pUsed: number): number => Math.max(0, OPPOSITE - pUsed);
const engine = (changes: Partial<WeekEngine> = {}): WeekEngine => ({
  prior: right,
  learns: false,
  epsilon: EPSILON,
  ...changes,
});

/** By day, how a model's expected uses compare with another's. */
const over = ({ stretches }: WeekResult, one: string, other: string): number[] =>
  Array.from({ length: WEEK_DAYS }, (_, day) => {
    const ofDay = stretches.filter((stretch) => stretch.day === day);
    const uses = (model: string): number =>
      ofDay.reduce((sum, stretch) => sum + expectedUses(stretch, model, OFFER_COSTS), 0);
    return uses(one) / uses(other);
  });

type Ratios = Record<string, number[]>;
const results: Ratios[] = [];
for (let seed = firstSeed; seed < firstSeed + worlds; seed++) {
  const before = profilesBefore(seed, members);
  const taught = liveWeek(seed, members, engine({ epsilon: 1 }), { before, money: UNLIMITED }).examples;
  const weights = solveUseModel(useStatisticsOf(taught), { version: 1, incrementalShare: 0.15 });
  const judged = { best: { prior: right, weights }, prior: { prior: right }, wrong: { prior: wrong } };
  const learned = liveWeek(seed, members, engine({ learns: true }), { before, judged });
  const recovered = liveWeek(seed, members, engine({ prior: wrong, learns: true }), { before, judged });
  const ratios = {
    'learned / prior': over(learned, OWN, 'prior'),
    'learned / best': over(learned, OWN, 'best'),
    'prior / best': over(learned, 'prior', 'best'),
    'wrong, learned / prior': over(recovered, OWN, 'prior'),
    'wrong, learned / best': over(recovered, OWN, 'best'),
    'wrong / best': over(recovered, 'wrong', 'best'),
  };
  results.push(ratios);
  const figures = [learned, recovered].map(
    ({ versions, spentShare, examples }) =>
      `${versions} versions, spent ${spentShare.toFixed(3)}, ${examples.length} examples`,
  );
  const text = JSON.stringify(ratios, (_, value) =>
    typeof value === 'number' ? Number(value.toFixed(2)) : value,
  );
  console.error(`world ${seed}: ${figures.join('; ')}, ${text}`);
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
