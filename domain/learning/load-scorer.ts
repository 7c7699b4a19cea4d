import { linearScorer } from './linear-scorer.ts';
import { objectAt, refuse, type Scorer } from './scorer.ts';
import { treeScorer } from './trees.ts';

/** Loads a user's own model: XGBoost's JSON (it has a `learner`) or linear `coefficients`. Throws ModelError. */
export const loadScorer = (json: unknown): Scorer => {
  const model = objectAt(json, 'model');
  if (Object.hasOwn(model, 'learner')) return treeScorer(model);
  if (Object.hasOwn(model, 'coefficients')) return linearScorer(model);
  return refuse('model', '"learner" (XGBoost’s JSON) or "coefficients" (linear)', Object.keys(model));
};
