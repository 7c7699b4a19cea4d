/** `npm run capacity`: what a sale needs from AWS, and what it costs. */
import { billOf } from '#domain/capacity/bill.ts';
import { DEFAULT_DEMAND, type Demand } from '#domain/capacity/demand.ts';
import { planCapacity } from '#domain/capacity/plan.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { SETUPS } from '#lib/capacity.ts';
import { Mistake, parseArguments, type Range, reader } from '#local/cli/options.ts';
import { EXIT_DONE, runVerb } from '#local/cli/verb.ts';
import { sheetOf } from './sheet.ts';

const SHARE: Range = { min: 0, max: 1, whole: false };
const COUNT: Range = { min: 1, max: 1e12, whole: true };

/** The options, and the field of the demand that each sets. */
const OPTIONS: Readonly<Record<string, { field: keyof Demand; range: Range }>> = {
  peak: { field: 'ordersPerSecond', range: { min: 0.001, max: 1e9, whole: false } },
  brands: { field: 'brands', range: COUNT },
  members: { field: 'members', range: COUNT },
  audience: { field: 'audience', range: COUNT },
  campaigns: { field: 'campaigns', range: COUNT },
  pack: { field: 'ordersPerMessage', range: { min: 1, max: 100, whole: true } },
  brought: { field: 'broughtShare', range: SHARE },
  used: { field: 'usedShare', range: SHARE },
  entered: { field: 'enteredShare', range: SHARE },
  won: { field: 'wonShare', range: SHARE },
};

export const CAPACITY_HELP = `Says what a sale needs from AWS and what it costs, with the arithmetic.

  npm run capacity -- --peak ORDERS_PER_SECOND [options]

  --peak N             orders a second at the peak (${DEFAULT_DEMAND.ordersPerSecond})
  --brands N           brands that sell (${DEFAULT_DEMAND.brands})
  --members N          members who may order (${DEFAULT_DEMAND.members})
  --audience N         members that the presale considers (as many as members)
  --campaigns N        campaigns open at once (${DEFAULT_DEMAND.campaigns})
  --pack N             events that producers pack into a message (${DEFAULT_DEMAND.ordersPerMessage})
  --brought SHARE      orders that bring a coupon (${DEFAULT_DEMAND.broughtShare})
  --used SHARE         orders that use a coupon (${DEFAULT_DEMAND.usedShare})
  --entered SHARE      orders that enter a draw (${DEFAULT_DEMAND.enteredShare})
  --won SHARE          orders that win in a draw (${DEFAULT_DEMAND.wonShare})
  --orders-per-day N   adds a month's bill
  --json               the plan as JSON

Exit status: 0 done, 2 an option is wrong.
`;

type Asked = { demand: Demand; ordersPerDay: number | undefined; isJson: boolean };

const show = ({ demand, ordersPerDay, isJson }: Asked): number => {
  const plan = planCapacity(demand, UNIT_COSTS, SETUPS);
  const text = isJson
    ? JSON.stringify({ ...plan, bill: billOf(plan) })
    : sheetOf(plan, UNIT_COSTS.measuredOn, ordersPerDay).join('\n');
  process.stdout.write(`${text}\n`);
  return EXIT_DONE;
};

/** `npm run capacity` as a command. */
export const capacityMain = (args: readonly string[]): Promise<number> =>
  runVerb(
    CAPACITY_HELP,
    parseArguments(
      args,
      { texts: [...Object.keys(OPTIONS), 'orders-per-day'], flags: ['json'] },
      (values) => {
        const read = reader(values);
        const given = Object.entries(OPTIONS).flatMap(([name, { field, range }]) => {
          const value = read.number(name, range);
          return value === undefined ? [] : [[field, value] as const];
        });
        const asked: Demand = { ...DEFAULT_DEMAND, ...Object.fromEntries(given) };
        const demand = { ...asked, audience: read.number('audience', COUNT) ?? asked.members };
        if (demand.broughtShare + demand.usedShare > 1)
          throw new Mistake('--brought and --used: expected at most 1 together');
        if (demand.wonShare > demand.enteredShare)
          throw new Mistake(
            `--won: expected at most --entered, ${demand.enteredShare}, got ${demand.wonShare}`,
          );
        const ordersPerDay = read.number('orders-per-day', COUNT);
        return { demand, ordersPerDay, isJson: read.flag('json') };
      },
    ),
    show,
  );
