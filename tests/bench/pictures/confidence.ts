/** Looking sixty times: a confidence sequence beside the truth, and how often an interval for one look is wrong at some look. */
import { boundary, TUNED_EVENTS } from '#domain/experiment/boundary.ts';
import { normalQuantile } from '#domain/experiment/normal-quantile.ts';
import { readout } from '#domain/experiment/readout.ts';
import type { ExperimentView, Interval } from '#domain/experiment/view.ts';
import { COUPONS, normals } from '../../experiment/population.ts';
import { looksAt } from '../../experiment/sale.ts';
import { seededRandom } from '../../support/random.ts';
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

const CONFIDENCE = 0.95;
const SALE = { seed: 4, members: 30_000, looks: 60, hasEffect: true };
const ONE_LOOK = normalQuantile((1 + CONFIDENCE) / 2);
const PATHS = 2_000;
/** Redeemed coupons in the smaller arm between two looks. */
const EVENTS_A_LOOK = 25;
const LISTED_EVENTS = [25, 100, TUNED_EVENTS, 100_000];
const HIGHEST_LIFT = 1;
const HIGHEST_SHARE = 0.5;

const LOOKS: Axis = {
  name: 'look',
  low: 0,
  high: SALE.looks,
  marks: steps(0, SALE.looks, 10).map((look) => [look, String(look)]),
};

/** The interval that the same counts give for a single look: it is valid only if that look was fixed beforehand. */
const atOneLook = ({ arms }: ExperimentView, { estimate }: Interval): Interval => {
  const used = arms.filter(({ issued }) => issued > 0);
  const variance = used.reduce((sum, { redeemed, issued }) => sum + 1 / redeemed - 1 / issued, 0);
  const factor = Math.exp(ONE_LOOK * Math.sqrt(variance));
  return { estimate, low: (1 + estimate) / factor - 1, high: (1 + estimate) * factor - 1 };
};

const watched = () => {
  const looks: { look: number; truth: number; interval: Interval; single: Interval; redeemed: number }[] = [];
  let look = 0;
  for (const { row, truth } of looksAt(SALE)) {
    look++;
    const view = readout(row, COUPONS, CONFIDENCE)!;
    const interval = view.conversionLift;
    if (interval === undefined) continue;
    const redeemed = Math.min(...view.arms.filter(({ issued }) => issued > 0).map((arm) => arm.redeemed));
    looks.push({ look, truth: truth.conversionLift, interval, single: atOneLook(view, interval), redeemed });
  }
  return looks;
};

/** For each look, the share of sales without an effect in which this look or an earlier one would have shown an effect. */
const wrongBy = (reachOf: (events: number) => number): Point[] => {
  const normal = normals(seededRandom(1));
  const firstAt = new Array<number>(SALE.looks + 1).fill(0);
  for (let path = 0; path < PATHS; path++) {
    let position = 0;
    for (let look = 1; look <= SALE.looks; look++) {
      position += Math.sqrt(EVENTS_A_LOOK) * normal();
      const events = look * EVENTS_A_LOOK;
      if (Math.abs(position) <= reachOf(events) * Math.sqrt(events)) continue;
      firstAt[look]!++;
      // The rest of the path is drawn nevertheless, so that both boundaries are tested on the same paths.
      for (let left = look; left < SALE.looks; left++) normal();
      break;
    }
  }
  let wrong = 0;
  return firstAt.map((count, look): Point => {
    wrong += count;
    return [look, wrong / PATHS];
  });
};

const plusPercent = (lift: number): string => `${lift < 0 ? '−' : '+'}${percent(Math.abs(lift))}`;

const said = ({
  look,
  interval: { estimate, low, high },
  redeemed,
}: ReturnType<typeof watched>[number]): string =>
  `look ${look}: ${plusPercent(estimate)} (${plusPercent(low)} to ${plusPercent(high)}), ${counted(redeemed)} redeemed in the smaller arm`;

export const drawConfidence = (): Drawn => {
  const looks = watched();
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const told = looks.find(({ interval }) => interval.low > 0);
  const missed = (of: (at: (typeof looks)[number]) => Interval): number =>
    looks.filter((at) => at.truth < of(at).low || at.truth > of(at).high).length;
  const clipped = (value: number): number => Math.max(-HIGHEST_LIFT / 2, Math.min(HIGHEST_LIFT, value));
  const sequence = new Plot(
    {
      title: 'A lift in conversion, looked at 60 times',
      note: 'in 95 % of sales the band holds the truth at every look',
      x: LOOKS,
      y: {
        name: 'engine over baseline',
        low: -HIGHEST_LIFT / 2,
        high: HIGHEST_LIFT,
        marks: steps(-0.5, 1, 0.25).map((at) => [
          at,
          at === 0 ? '0' : `${at < 0 ? '−' : '+'}${Math.abs(at * 100)} %`,
        ]),
      },
    },
    'left',
  )
    .band(
      looks.map(({ look, interval }) => [look, clipped(interval.low), clipped(interval.high)]),
      COLORS.blue,
    )
    .line(
      [
        [0, 0],
        [SALE.looks, 0],
      ],
      { color: COLORS.grey, width: 1 },
    )
    .line(
      looks.map(({ look, single }): Point => [look, clipped(single.low)]),
      { color: COLORS.orange, width: 1.2, dash: '4 3' },
    )
    .line(
      looks.map(({ look, single }): Point => [look, clipped(single.high)]),
      { color: COLORS.orange, width: 1.2, dash: '4 3' },
    )
    .line(
      looks.map(({ look, interval }): Point => [look, interval.estimate]),
      { color: COLORS.blue },
    )
    .line(
      looks.map(({ look, truth }): Point => [look, truth]),
      { color: COLORS.ink, width: 2 },
    )
    .text([31, 0.72], 'band: confidence sequence', COLORS.blue)
    .text([31, 0.62], 'dashed: interval for one look', COLORS.orange)
    .text([31, 0.52], 'black: the truth', COLORS.ink);
  const single = wrongBy(() => ONE_LOOK);
  const always = wrongBy((events) => boundary(events, CONFIDENCE));
  const errors = new Plot(
    {
      title: 'Sales without an effect that seem to have one',
      note: `by this look or an earlier one, of ${counted(PATHS)}`,
      x: LOOKS,
      y: {
        name: 'share of sales',
        low: 0,
        high: HIGHEST_SHARE,
        marks: steps(0, HIGHEST_SHARE, 0.1).map((at) => [at, percent(at, 0)]),
      },
    },
    'right',
  )
    .line(
      [
        [0, 1 - CONFIDENCE],
        [SALE.looks, 1 - CONFIDENCE],
      ],
      { color: COLORS.grey, width: 1.2, dash: '4 3' },
    )
    .line(single, { color: COLORS.orange })
    .line(always, { color: COLORS.blue })
    .text([SALE.looks, 1 - CONFIDENCE + 0.012], 'the 5 % that were promised', COLORS.grey, 'end')
    .text([22, 0.34], 'interval for one look', COLORS.orange, 'end')
    .text([SALE.looks, always.at(-1)![1] + 0.012], 'confidence sequence', COLORS.blue, 'end');
  return {
    svg: pictureOf('A confidence sequence over sixty looks', [sequence, errors]),
    figures: [
      `a simulated sale of ${counted(SALE.members)} members, ${SALE.looks} looks, an interval from look ${first.look} on`,
      `  ${said(first)}`,
      `  ${said(last)}; the truth is ${plusPercent(last.truth)}`,
      `  the whole interval is above 0 for the first time at look ${told?.look ?? '-'}; looks at which it missed the truth: ${missed(({ interval }) => interval)}`,
      `boundary in standard errors: ${LISTED_EVENTS.map((events) => `${boundary(events, CONFIDENCE).toFixed(2)} at ${counted(events)} events`).join(', ')}; for one look ${ONE_LOOK.toFixed(2)}`,
      `of ${counted(PATHS)} sales without an effect, those in which at least one of ${SALE.looks} looks shows an effect:`,
      `  ${percent(single.at(-1)![1])} by the interval for one look, ${percent(always.at(-1)![1])} by the confidence sequence`,
    ],
  };
};
