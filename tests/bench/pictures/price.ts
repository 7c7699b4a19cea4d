/** The price of a fen: the hull of one member's offers, and the price of an audience's budget as the presale computes it. */
import { candidatesOfMember } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import { Histogram, PLAN_BITS } from '#domain/allocation/histogram.ts';
import { Hull } from '#domain/allocation/hull.ts';
import { type PriceBand, priceBand, priceFor, priceIn } from '#domain/allocation/price.ts';
import { drawInstance, type Instance } from '../../allocation/instances.ts';
import { COLORS, counted, type Drawn, Plot, type Point, percent, pictureOf, steps } from './plot.ts';

const AUDIENCE = { members: 20_000, offers: 5, pools: 1 };
const SEED = 1;
/** One member's offers: what each costs, in fen, and what it is worth. */
const OFFERS = [
  { costFen: 500, value: 2.1 },
  { costFen: 1_000, value: 5 },
  { costFen: 1_500, value: 5.4 },
  { costFen: 2_000, value: 7.6 },
  { costFen: 2_500, value: 6.6 },
  { costFen: 3_000, value: 8.8 },
].map((offer) => ({ ...offer, pool: 0 }));
const DEAR = 0.0034;
const CHEAP = 0.0018;
const MOST_FEN = 3_500;
const MOST_WORTH = 10;

const drawHull = (figures: string[]): Plot => {
  const member = candidatesOfMember(1, OFFERS);
  const hull = new Hull();
  hull.of(member, 0);
  const corners: Point[] = [[0, 0]];
  for (let edge = 0; edge < hull.edges; edge++) {
    const [x, y] = corners.at(-1)!;
    const costFen = hull.costFen[edge]!;
    corners.push([x + costFen, y + costFen * hull.efficiency[edge]!]);
  }
  const plot = new Plot(
    {
      title: 'One member: what a price chooses',
      note: 'offers off the hull are never chosen, at any price',
      x: {
        name: 'cost of an offer, CNY',
        low: 0,
        high: MOST_FEN,
        marks: steps(0, MOST_FEN, 500).map((fen) => [fen, String(fen / 100)]),
      },
      y: {
        name: 'worth of an offer',
        low: 0,
        high: MOST_WORTH,
        marks: steps(0, MOST_WORTH, 2).map((at) => [at, String(at)]),
      },
    },
    'left',
  );
  const prices = [
    { price: DEAR, color: COLORS.orange, name: `dear money: ${DEAR} a fen`, at: [1_900, 9.2], anchor: 'end' },
    { price: CHEAP, color: COLORS.green, name: `cheap money: ${CHEAP}`, at: [60, 6.8], anchor: 'start' },
  ] as const;
  const chosen: string[] = [];
  for (const { price, color, name, at, anchor } of prices) {
    const { costFen, value } = OFFERS[choose(member, 0, [price])]!;
    const profit = value - price * costFen;
    const endFen = Math.min(MOST_FEN, (MOST_WORTH - profit) / price);
    plot.line(
      [
        [0, profit],
        [endFen, profit + price * endFen],
      ],
      { color, width: 1.5, dash: '6 4' },
    );
    plot.dots([[costFen, value]], color, 7);
    chosen.push(`at ${price} a fen the offer of CNY ${costFen / 100}`);
    plot.text(at, name, color, anchor);
  }
  figures.push(`one member chooses ${chosen.join(', and ')}`);
  return plot
    .line(corners, { color: COLORS.blue })
    .dots(
      OFFERS.map(({ costFen, value }): Point => [costFen, value]),
      COLORS.ink,
      3.5,
    )
    .text([1_680, 6], 'the hull', COLORS.blue);
};

/** The second pass: each member gets what the price chooses, if the money that is left is enough for it. */
const issuedAt = ({ candidates }: Instance, band: PriceBand, budgetFen: number) => {
  let leftFen = budgetFen;
  let value = 0;
  for (let member = 0; member < candidates.members; member++) {
    const at = choose(candidates, member, [priceFor(band, candidates.hash[member]!)]);
    if (at === NONE || candidates.costFen[at]! > leftFen) continue;
    leftFen -= candidates.costFen[at]!;
    value += candidates.value[at]!;
  }
  return { spentFen: budgetFen - leftFen, value };
};

export const drawPrice = (): Drawn => {
  const figures: string[] = [];
  const left = drawHull(figures);
  const instance = drawInstance('uncorrelated', AUDIENCE, SEED);
  const histogram = new Histogram(PLAN_BITS);
  histogram.add(instance.candidates);
  const [budgetFen] = instance.budgets.poolFen as [number];
  const band = priceBand(histogram, budgetFen);
  const price = priceIn(band);
  const { spentFen, value } = issuedAt(instance, band, budgetFen);
  figures.push(
    `an audience of ${counted(AUDIENCE.members)} members with ${AUDIENCE.offers} offers each, money for half of what everybody's best would cost`,
    `  price of a fen: ${band.low.toFixed(4)} to ${band.high.toFixed(4)}, one bucket, of whose money ${percent(band.share)} fits: ${price.toFixed(4)}`,
    `  second pass: spends ${percent(spentFen / budgetFen, 2)} of the budget, worth ${percent(value / band.bound, 3)} of the bound`,
    `  money left x price, as a share of the bound: ${percent((price * (budgetFen - spentFen)) / band.bound, 3)}`,
  );
  const highest = 3;
  const allFen = histogram.costAbove(0);
  const spent = (at: number): number => histogram.costAbove(at) / allFen;
  const right = new Plot(
    {
      title: 'An audience: what a price spends',
      note: `${counted(AUDIENCE.members)} members, read off one histogram`,
      x: {
        name: 'price of a fen',
        low: 0,
        high: highest,
        marks: steps(0, highest, 0.5).map((at) => [at, String(at)]),
      },
      y: {
        name: 'spent, of what everybody’s best would cost',
        low: 0,
        high: 1,
        marks: steps(0, 1, 0.25).map((at) => [at, percent(at, 0)]),
      },
    },
    'right',
  )
    .line(
      steps(0.01, highest, 0.01).map((at): Point => [at, spent(at)]),
      { color: COLORS.blue },
    )
    .line(
      [
        [0, budgetFen / allFen],
        [price, budgetFen / allFen],
        [price, 0],
      ],
      { color: COLORS.orange, dash: '6 4' },
    )
    .dots([[price, budgetFen / allFen]], COLORS.orange, 5)
    .text(
      [price + 0.08, budgetFen / allFen + 0.02],
      `budget, at a price of ${price.toFixed(4)}`,
      COLORS.orange,
    );
  return { svg: pictureOf('The price of a fen', [left, right]), figures };
};
