/** Learns the effects of arms from sums, with the learner that does best on held-out folds. */
import { type Candidate, rCandidates, tCandidates } from './effect-candidates.ts';
import { type ArmMoments, rProblem } from './r-loss.ts';
import type { Choices, RidgeFit } from './ridge.ts';

/** The chosen learner's effects, and by how much it won. */
export type EffectFit = Omit<Candidate, 'loss' | 'fitted'> & {
  /**
   * The R-loss of a constant effect on held-out folds less that of the chosen learner, in outcome steps squared; above 0 if the
   * learner found that members differ in the effect.
   */
  readonly gain: number;
  /** The weights β_k of the effect of each arm k except the control, one for each feature. */
  readonly effects: readonly Float64Array[];
  /** The expected outcome over all arms. */
  readonly outcome: RidgeFit;
};

/**
 * Fits the effects of the arms on one outcome from the sums of folds; `outcome` is its position among the sums. Learner,
 * features and strength are those with the smallest R-loss on held-out folds. On a tie the first one wins. Throws RangeError
 * for fewer than two folds or arms.
 */
export const fitEffects = (folds: readonly ArmMoments[], outcome: number, choices: Choices): EffectFit => {
  const problem = rProblem(folds, outcome, choices);
  const { shares, size } = problem;
  const { sets } = choices;
  const constant = rCandidates(problem, [{ name: 'constant', kept: [0] }])[0]!;
  const all = [
    ...rCandidates(problem, sets, 'R'),
    ...rCandidates(problem, sets, 'RP'),
    ...tCandidates(problem, sets),
  ];
  const best = all.reduce((least, one) => (one.loss < least.loss ? one : least));
  const effects = best.fitted();
  return {
    learner: best.learner,
    set: best.set,
    strength: best.strength,
    gain: constant.loss - best.loss,
    effects: shares.slice(1).map((_, k) => effects.slice(k * size, (k + 1) * size)),
    outcome: problem.expected,
  };
};
