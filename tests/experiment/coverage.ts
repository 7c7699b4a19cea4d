import { excludesZero } from '#domain/board/render/sentence.ts';
import { readout } from '#domain/experiment/readout.ts';
import type { ExperimentView, Interval } from '#domain/experiment/view.ts';
import { COUPONS, type SalePlan } from './population.ts';
import { looksAt } from './sale.ts';
import type { Truth } from './truth.ts';

type Figure = {
  name: string;
  intervalOf: (view: ExperimentView) => Interval | undefined;
  truthOf: (truth: Truth) => number;
};

/** The figures of the readout, with where to find the interval and the truth of each. */
export const FIGURES: readonly Figure[] = [
  {
    name: 'conversion lift',
    intervalOf: ({ conversionLift }) => conversionLift,
    truthOf: ({ conversionLift }) => conversionLift,
  },
  ...(['engine', 'baseline'] as const).flatMap((arm): Figure[] => [
    {
      name: `orders a member, ${arm}`,
      intervalOf: ({ ordersPerMember }) => ordersPerMember[arm],
      truthOf: ({ orders }) => orders[arm],
    },
    {
      name: `net fen a member, ${arm}`,
      intervalOf: ({ netFenPerMember }) => netFenPerMember[arm],
      truthOf: ({ netFen }) => netFen[arm],
    },
  ]),
];

/** The intervals of one figure in one sale. */
export type FigureResult = {
  name: string;
  /** The number of looks at which there was an interval. */
  shown: number;
  /** Whether every interval held the truth of its look. */
  isCovered: boolean;
  /** The first look, from 0, at which the interval excluded zero; undefined if it never did. */
  shownAt: number | undefined;
  excludesZeroAtEnd: boolean;
  truth: number;
  interval: Interval | undefined;
};

export type SaleResult = { figures: FigureResult[]; isMismatched: boolean };

/** Looks at a sale as often as the plan says, and compares every interval with the truth of its look. */
export const watchSale = (plan: SalePlan): SaleResult => {
  const figures = FIGURES.map(
    ({ name }): FigureResult => ({
      name,
      shown: 0,
      isCovered: true,
      shownAt: undefined,
      excludesZeroAtEnd: false,
      truth: 0,
      interval: undefined,
    }),
  );
  let isMismatched = false;
  let look = 0;
  for (const { row, truth } of looksAt(plan)) {
    const view = readout(row, COUPONS)!;
    isMismatched ||= view.sampleRatio.isMismatched;
    for (const [i, { intervalOf, truthOf }] of FIGURES.entries()) {
      const result = figures[i]!;
      const interval = intervalOf(view);
      result.truth = truthOf(truth);
      result.interval = interval;
      if (interval === undefined) continue;
      result.shown++;
      result.isCovered &&= interval.low <= result.truth && result.truth <= interval.high;
      result.excludesZeroAtEnd = excludesZero(interval);
      if (result.excludesZeroAtEnd) result.shownAt ??= look;
    }
    look++;
  }
  return { figures, isMismatched };
};
