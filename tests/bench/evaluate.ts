/**
 * What the policy of `npm run evaluate` gains on the Hillstrom trial, for each seed and for all seeds together (by default 5
 * seeds and 10 folds):
 *
 *     npm run node -- tests/bench/evaluate.ts [seeds] [folds]
 *
 * The trial (MineThatData, 2008) is read from ../shared/data/hillstrom/hillstrom.csv or $ZHIHUI_DATA/hillstrom/hillstrom.csv.
 * At most 30 % of the members are treated; figures are incremental visits per 1,000 members.
 *
 * The row `all seeds` has the means of the estimates and of the ends of their intervals. All seeds use the same rows of the
 * trial, so a mean is hardly more certain than the estimate of one seed.
 */
import { evaluate } from '#local/evaluate/evaluate.ts';
import { figuresOf } from '#local/evaluate/figures.ts';
import { parseEvaluateOptions } from '#local/evaluate/options.ts';
import { HILLSTROM, hasHillstrom } from '../local/evaluate/trials.ts';

const [seeds = 5, folds = 10] = process.argv.slice(2).map(Number);
const COMPARISONS = [
  ['Womens E-Mail', ['--arms', 'Womens E-Mail']],
  ['Mens E-Mail', ['--arms', 'Mens E-Mail']],
  ['both', []],
] as const;

if (!hasHillstrom) throw new Error(`trial: expected ${HILLSTROM}, got nothing there`);

type Interval = { estimate: number; low: number | undefined; high: number | undefined };

const meanOf = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / values.length;

const show = (intervals: readonly Interval[], digits: number): string => {
  const of = (end: keyof Interval) => meanOf(intervals.map((interval) => interval[end])).toFixed(digits);
  return `${of('estimate')} (${of('low')} to ${of('high')})`;
};

const figuresWith = async (seed: number, args: readonly string[]) => {
  const parsed = parseEvaluateOptions([
    ...['--train', HILLSTROM, '--treatment', 'segment', '--control', 'No E-Mail', '--outcome', 'visit'],
    ...['--ignore', 'conversion,spend', '--folds', String(folds), '--seed', String(seed), ...args],
  ]);
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return figuresOf(await evaluate(parsed.options, { onReading: () => {}, onFold: () => {} }), parsed.options);
};

type Figures = Awaited<ReturnType<typeof figuresWith>>;

const rowOf = (arms: string, seed: string, all: readonly Figures[]) => ({
  arms,
  seed,
  policy: show(
    all.map(({ policy }) => policy.incrementalPer1000),
    1,
  ),
  random: show(
    all.map(({ random }) => random.incrementalPer1000),
    1,
  ),
  'policy / random': show(
    all.map(({ policyOverRandom }) => policyOverRandom),
    2,
  ),
  'response / random': show(
    all.map(({ responseOverRandom }) => responseOverRandom),
    2,
  ),
  Qini: show(
    all.map(({ qini }) => qini),
    2,
  ),
});

const rows = [];
for (const [arms, args] of COMPARISONS) {
  const all: Figures[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    all.push(await figuresWith(seed, args));
    rows.push(rowOf(arms, String(seed), all.slice(-1)));
  }
  rows.push(rowOf(arms, 'all seeds', all));
}
console.table(rows);
