/** `npm run plan`, and `zhihui plan`: plans who gets which coupon within a budget. */
import { formatCount, formatFen, formatTable } from '#local/console/format.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { EXIT_DONE, runVerb } from './cli/verb.ts';
import { HELP, type PlanOptions, parsePlanOptions } from './plan/options.ts';
import { type PlanFigures, runPlan } from './plan/run.ts';

const PRICE_DIGITS = 6;

const priced = (price: number): string => `${price.toPrecision(PRICE_DIGITS)} value a fen`;

const summary = (figures: PlanFigures, { budgetFen }: PlanOptions): string => {
  const { value, spend, price, bound, gap, members, served, candidates, unreadable, pools } = figures;
  const ofBudget = (spent: number, budget: number): string => `${formatFen(spent)} of ${formatFen(budget)}`;
  return formatTable([
    ['value', String(value)],
    ['spend CNY', ofBudget(spend, budgetFen)],
    ...Object.entries(pools ?? {}).map(([name, pool]) => [
      `  pool ${printable(name)}`,
      ofBudget(pool.spend, pool.budget),
    ]),
    ...(typeof price === 'number'
      ? [['price', priced(price)]]
      : Object.entries(price).map(([name, of]) => [`price of ${printable(name)}`, priced(of)])),
    ['members served', `${formatCount(served)} of ${formatCount(members)}`],
    ['candidates', formatCount(candidates)],
    ['unreadable lines', formatCount(unreadable)],
    ['upper bound', String(bound)],
    ['gap to it', gap.toExponential(2)],
  ]).join('\n');
};

/** `zhihui plan` as a command: parses `args`, does what they say, and gives the exit status. */
export const planMain = (args: readonly string[]): Promise<number> =>
  runVerb(HELP, parsePlanOptions(args), (options) => {
    const figures = runPlan(options, (text) => process.stderr.write(`${printable(text)}\n`));
    process.stdout.write(`${options.json ? printableJson(figures) : summary(figures, options)}\n`);
    return EXIT_DONE;
  });

if (import.meta.main) process.exitCode = await planMain(process.argv.slice(2));
