import { formatCount, formatFen, formatTable } from '#local/console/format.ts';
import { printable } from '#local/console/printable.ts';
import { HELP, type PlanOptions, parsePlanOptions } from './plan/options.ts';
import { type PlanFigures, runPlan } from './plan/run.ts';

const EXIT_FAILED = 1;
const EXIT_MISTAKE = 2;
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
    ['LP bound', String(bound)],
    ['gap to it', gap.toExponential(2)],
  ]).join('\n');
};

/** `zhihui plan` as a command: parses `args`, does what they say, and gives the exit status. */
export const planMain = (args: readonly string[]): number => {
  const parsed = parsePlanOptions(args);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'mistake':
      process.stderr.write(`error: ${printable(parsed.message)}\n`);
      return EXIT_MISTAKE;
    case 'run':
      break;
    default:
      return parsed satisfies never;
  }
  try {
    const figures = runPlan(parsed.options, (text) => process.stderr.write(`${printable(text)}\n`));
    const { options } = parsed;
    const text = options.json ? JSON.stringify(figures, null, 2) : summary(figures, options);
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${printable(error instanceof Error ? error.message : String(error))}\n`);
    return EXIT_FAILED;
  }
};

if (import.meta.main) process.exitCode = planMain(process.argv.slice(2));
