import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import type { UseModel } from '#domain/learning/use-model.ts';
import { useStatisticsOf } from '#domain/learning/use-statistics.ts';
import type { LocalStack } from '#local/aws/template.ts';
import { sumOf } from '#platform/collections.ts';
import { WEEK_DAYS } from '#simulator/week.ts';
import { playWeek } from './handlers-week.ts';
import { OWN, ratiosOf, type Stretch } from './judge.ts';
import { opposite } from './opposite-prior.ts';
import { liveWeek } from './week.ts';
import { modelOf, right } from './week-models.ts';

/** A world, and the number of its members. */
export type Place = { seed: number; members: number };
/** Figures by name and day; null for a day without one. */
export type Figures = Record<string, (number | null)[]>;
export type EngineFigures = { figures: Figures; text: string };

const EPSILON = 0.03;
const UNLIMITED = 1_000;

/** The best weights that the features allow: solved from a week of the same world in which coupons are given at random. */
export const bestWeights = ({ seed, members }: Place): UseModel => {
  const random = { prior: right, learns: false, epsilon: 1 };
  const { examples } = liveWeek(seed, members, random, { money: UNLIMITED });
  return solveUseModel(useStatisticsOf(examples), { version: 1, incrementalShare: 0.15 });
};

const judgedModels = (weights: UseModel) => ({
  best: modelOf({ prior: right, weights }),
  prior: modelOf({ prior: right }),
  opposite: modelOf({ prior: opposite }),
});

const spentOf = (stretches: readonly Stretch[]): number[] => {
  const total = sumOf(stretches.map(({ moneyFen }) => moneyFen));
  return Array.from(
    { length: WEEK_DAYS },
    (_, day) => sumOf(stretches.filter((one) => one.day === day).map(({ moneyFen }) => moneyFen)) / total,
  );
};

const figuresOf = (stretches: readonly Stretch[], isOpposite: boolean): Figures =>
  isOpposite
    ? {
        'opposite, learned / prior': ratiosOf(stretches, OWN, 'prior'),
        'opposite, learned / best': ratiosOf(stretches, OWN, 'best'),
        'opposite / best': ratiosOf(stretches, 'opposite', 'best'),
        'opposite, learned: spent': spentOf(stretches),
      }
    : {
        'learned / prior': ratiosOf(stretches, OWN, 'prior'),
        'learned / best': ratiosOf(stretches, OWN, 'best'),
        'prior / best': ratiosOf(stretches, 'prior', 'best'),
        'learned: spent': spentOf(stretches),
      };

/** The figures of an engine that learns, played with the domain's functions alone, without queues and tables. */
export const byFunctions = (
  { seed, members }: Place,
  weights: UseModel,
  isOpposite: boolean,
): EngineFigures => {
  const engine = { prior: isOpposite ? opposite : right, learns: true, epsilon: EPSILON };
  const result = liveWeek(seed, members, engine, { judged: judgedModels(weights) });
  const { stretches, versions, spentShare, examples } = result;
  return {
    figures: figuresOf(stretches, isOpposite),
    text: `${versions} versions, spent ${spentShare.toFixed(3)}, ${examples.length} examples`,
  };
};

/**
 * The figures of an engine that learns, played through the handlers. If `isOpposite`, this process must have been started with
 * the opposite prior (`plant-opposite-prior.ts`).
 */
export const byHandlers = async (
  stack: LocalStack,
  { seed, members }: Place,
  weights: UseModel,
  isOpposite: boolean,
): Promise<EngineFigures> => {
  const judged = judgedModels(weights);
  const week = { stack, seed, members, days: WEEK_DAYS, epsilon: EPSILON, judged };
  const { stretches, model, spentShare, statistics, orders, coupons, unlike } = await playWeek(week);
  if (unlike > 0)
    throw new Error(`judge: expected to know what the pipeline knew, got ${unlike} other profiles`);
  return {
    figures: figuresOf(stretches, isOpposite),
    text: `${orders} orders, ${coupons} coupons, ${statistics.used} used, ${model.version} versions, spent ${spentShare.toFixed(3)}`,
  };
};
