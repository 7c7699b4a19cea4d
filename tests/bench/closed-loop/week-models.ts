import { type Model, PRIOR_INCREMENTAL_SHARE, priorModel } from '#domain/coupons/model.ts';
import { useFeatures } from '#domain/coupons/use-features.ts';
import { solveUseModel } from '#domain/learning/solve-use-model.ts';
import { type UseModel, useProbability } from '#domain/learning/use-model.ts';
import { emptyUseStatistics } from '#domain/learning/use-statistics.ts';

/** A model of use. `prior` distorts the prior's answers, so that the prior can be wrong. */
export type WeekModel = { prior: (pUsed: number) => number; weights?: UseModel };

export const right = (pUsed: number): number => pUsed;

/** The weights before anything is learned: those of the prior. */
export const START = solveUseModel(emptyUseStatistics(), {
  version: 0,
  incrementalShare: PRIOR_INCREMENTAL_SHARE,
});

export const modelOf =
  ({ prior, weights = START }: WeekModel): Model =>
  (features, offers, occasion) => {
    const scores = priorModel(features, offers, occasion);
    return {
      ...scores,
      incrementalShare: weights.incrementalShare,
      offers: scores.offers.map((score, i) => ({
        ...score,
        pUsed: useProbability(
          weights.weights[occasion],
          useFeatures(features, offers[i]!, prior(score.pUsed)),
        ),
      })),
    };
  };
