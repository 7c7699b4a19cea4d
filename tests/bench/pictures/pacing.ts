/** A day of a sale with the pacer and without it: the amount spent by each time, and the price. */
import { choose, NONE } from '#domain/allocation/choose.ts';
import { shareAt } from '#domain/pacing/curve.ts';
import { DAY_MS, type Day, type DayPlan, drawDay, foreknown } from '../../pacing/day.ts';
import { curveLeftBy, liveThrough, type Minute } from '../../pacing/live.ts';
import {
  type Axis,
  COLORS,
  counted,
  type Drawn,
  Plot,
  type Point,
  percent,
  pictureOf,
  steps,
} from './plot.ts';

const HOUR_MS = 3_600_000;
const DAY: DayPlan = {
  kind: 'weakly',
  order: 'rhythm',
  keen: 2,
  swing: 0,
  arrivals: 20_000,
  budgetShare: 0.25,
  seed: 3,
};
const EARLIER_SEED = 103;
/** The opening price, divided by the right one. */
const WRONG = 0.5;
/** The number of minutes between two points of a line. */
const EVERY_MINUTES = 10;

type Course = { spent: Point[]; prices: Point[] };

const hours = (ms: number): number => ms / HOUR_MS;

/** The same price all day, until the money is gone. */
const unpaced = ({ candidates, atMs, budgetFen, optimum }: Day, price: number) => {
  const spent: Point[] = [[0, 0]];
  let leftFen = budgetFen;
  let value = 0;
  let emptyAtMs = DAY_MS;
  let member = 0;
  for (let ms = EVERY_MINUTES * 60_000; ms <= DAY_MS; ms += EVERY_MINUTES * 60_000) {
    for (; member < candidates.members && atMs[member]! < ms; member++) {
      const at = choose(candidates, member, [price]);
      if (at === NONE) continue;
      if (candidates.costFen[at]! > leftFen) {
        emptyAtMs = Math.min(emptyAtMs, atMs[member]!);
        continue;
      }
      leftFen -= candidates.costFen[at]!;
      value += candidates.value[at]!;
    }
    spent.push([hours(ms), 1 - leftFen / budgetFen]);
  }
  return { spent, ratio: value / optimum, emptyAtMs };
};

const watched = (day: Day, known: Parameters<typeof liveThrough>[1]) => {
  const course: Course = { spent: [[0, 0]], prices: [[0, known.openingPrice]] };
  const result = liveThrough(day, known, ({ atMs, leftFen, price }: Minute) => {
    if (atMs % (EVERY_MINUTES * 60_000) !== 0) return;
    course.spent.push([hours(atMs), 1 - leftFen / day.budgetFen]);
    // The price after the last minute applies to no order.
    if (atMs < DAY_MS) course.prices.push([hours(atMs), price]);
  });
  return { ...result, ...course };
};

const HOURS: Axis = {
  name: 'hour of the sale',
  low: 0,
  high: 24,
  marks: steps(0, 24, 4).map((hour) => [hour, String(hour)]),
};

export const drawPacing = (): Drawn => {
  const day = drawDay(DAY);
  const curve = curveLeftBy(drawDay({ ...DAY, seed: EARLIER_SEED }))!;
  const known = { ...foreknown(DAY), curve };
  const low = { ...known, openingPrice: WRONG * known.openingPrice };
  const right = watched(day, known);
  const wrong = watched(day, low);
  const { curve: _, ...curveless } = low;
  const blind = watched(day, curveless);
  const alone = unpaced(day, low.openingPrice);
  const sale = { startsAtMs: 0, endsAtMs: DAY_MS, curve };
  const plan = steps(0, 24, 0.5).map((hour): Point => [hour, shareAt(sale, hour * HOUR_MS)]);
  const highest = 3;
  const spending = new Plot(
    {
      title: 'What is spent by when',
      note: `${counted(DAY.arrivals)} orders in two waves, opened at half the right price`,
      x: HOURS,
      y: {
        name: 'of the budget',
        low: 0,
        high: 1.05,
        marks: steps(0, 1, 0.25).map((at) => [at, percent(at, 0)]),
      },
    },
    'left',
  )
    .line(alone.spent, { color: COLORS.orange })
    .line(plan, { color: COLORS.grey, dash: '6 4' })
    .line(wrong.spent, { color: COLORS.blue })
    .text([9.6, 0.93], 'not paced', COLORS.orange)
    .text([7.4, 0.2], 'paced', COLORS.blue)
    .text([13.6, 0.44], 'the earlier sale’s curve', COLORS.grey);
  const pricing = new Plot(
    {
      title: 'The price that does it',
      note: 'solved again each minute from what orders show',
      x: HOURS,
      y: {
        name: 'price of a fen',
        low: 0,
        high: highest,
        marks: steps(0, highest, 0.5).map((at) => [at, String(at)]),
      },
    },
    'right',
  )
    .line(blind.prices, { color: COLORS.green })
    .line(wrong.prices, { color: COLORS.blue })
    .text([2.2, 1.25], 'without an earlier sale', COLORS.green)
    .text([13, 1.55], 'with its curve', COLORS.blue);
  const said = ({ ratio, spendShare, overspendFen }: typeof right): string =>
    `worth ${percent(ratio)} of the optimum in hindsight, ${percent(spendShare)} spent, ${overspendFen} fen beyond the budget`;
  return {
    svg: pictureOf('A day of a sale with the pacer and without', [spending, pricing]),
    figures: [
      `${counted(DAY.arrivals)} orders in two waves, money for ${percent(DAY.budgetShare, 0)} of what everybody's best would cost`,
      `  opened at the right price:  ${said(right)}`,
      `  opened at half of it:       ${said(wrong)}`,
      `  and without the curve:      ${said(blind)}`,
      `  that half all day, unpaced: worth ${percent(alone.ratio)}, without money from hour ${hours(alone.emptyAtMs).toFixed(1)} on`,
    ],
  };
};
