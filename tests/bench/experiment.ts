/**
 * Whether the experiment's readout is reliable: `npm run node -- tests/bench/experiment.ts [sales] [members]
 * [looks] [newcomers]` (default 200 sales with an effect and 200 without, 60,000 members, 60 looks, no
 * newcomers). `newcomers` is the share of members, from 0 to 1, who were not known before the sale; they get no
 * coupons here. Members with hidden tastes take part in a sale with arms of 70, 15 and 15 %. The campaign's
 * total is read out at every look, from rows that sample members as the pipeline's rows do.
 *
 * `covered` is the share of sales with an effect in which the interval held the true effect at every single look, and `A/A
 * covered` is the same share of the sales without any effect. `A/A shown` is the share of sales without any effect in which some
 * look showed one. `shown` is the share of sales with an effect in which the last look showed it, `width` is the mean width of
 * the last look's interval, and `reach` is half of that width divided by the effect. `with interval` is the mean number of looks
 * that had an interval.
 */
import { type FigureResult, type SaleResult, watchSale } from '../experiment/coverage.ts';

const [sales = 200, members = 60_000, looks = 60, newcomers = 0] = process.argv.slice(2).map(Number);
const DIGITS = 3;

const watchAll = (hasEffect: boolean): SaleResult[] =>
  Array.from({ length: sales }, (_, i) =>
    watchSale({ seed: (hasEffect ? 1 : 1_000_001) + i, members, looks, hasEffect, newcomers }),
  );

const startedMs = performance.now();
const withEffect = watchAll(true);
const without = watchAll(false);

const percent = (count: number, of: number): string => `${((100 * count) / of).toFixed(1)} %`;
const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const figuresOf = (results: readonly SaleResult[], index: number): FigureResult[] =>
  results.map(({ figures }) => figures[index]!);
const countOf = (results: readonly FigureResult[], holds: (result: FigureResult) => boolean): string =>
  percent(results.filter(holds).length, results.length);

console.table(
  withEffect[0]!.figures.map(({ name }, index) => {
    const real = figuresOf(withEffect, index);
    const none = figuresOf(without, index);
    const effect = meanOf(real.map(({ truth }) => truth));
    const width = meanOf(real.flatMap(({ interval }) => (interval ? [interval.high - interval.low] : [])));
    return {
      figure: name,
      effect: Number(effect.toPrecision(DIGITS)),
      covered: countOf(real, ({ isCovered }) => isCovered),
      'A/A covered': countOf(none, ({ isCovered }) => isCovered),
      'A/A shown': countOf(none, ({ shownAt }) => shownAt !== undefined),
      shown: countOf(real, ({ excludesZeroAtEnd }) => excludesZeroAtEnd),
      width: Number(width.toPrecision(DIGITS)),
      reach: Number((width / 2 / effect).toFixed(2)),
      'with interval': meanOf(real.map(({ shown }) => shown)).toFixed(1),
    };
  }),
);

const all = [...withEffect, ...without];
const isFalse = ({ figures }: SaleResult): boolean => figures.some(({ shownAt }) => shownAt !== undefined);
console.log(
  `A/A sales in which any of the figures showed an effect: ${percent(without.filter(isFalse).length, sales)}`,
);
console.log(
  `sales taken for mis-assigned: ${all.filter(({ isMismatched }) => isMismatched).length} of ${all.length}`,
);
console.log(
  `${sales} sales of each kind, ${members} members, ${looks} looks, ${percent(newcomers, 1)} newcomers, ` +
    `${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
);
