import { type UseModel, useProbability } from '#domain/learning/use-model.ts';
import { type Model, priorModel } from './model.ts';
import { useFeatures } from './use-features.ts';

/** The prior, except that the given weights say how likely a coupon is to be used, and the incremental share is the given one. */
export const learnedModel =
  ({ weights, incrementalShare }: Pick<UseModel, 'weights' | 'incrementalShare'>): Model =>
  (features, offers, occasion) => {
    const prior = priorModel(features, offers, occasion);
    return {
      ...prior,
      incrementalShare,
      offers: prior.offers.map((score, i) => ({
        ...score,
        pUsed: useProbability(weights[occasion], useFeatures(features, offers[i]!, score.pUsed)),
      })),
    };
  };
