import type { Evaluation } from './evaluate.ts';
import { CURVE_STEPS, MEASURES, policyCurve, responseCurve } from './judge.ts';
import type { Estimate, Ratio } from './measures.ts';
import type { EvaluateOptions } from './options.ts';

/** The figures of one policy within the budget. Money is in the units of --value and --cost. */
export type PolicyFigures = {
  treatedShare: number;
  /** Outcome in addition to that with nobody treated, per 1,000 members and for all judged members. */
  incrementalPer1000: Estimate;
  incrementalTotal: Estimate;
  /** value · incremental − cost · treated. */
  netPer1000: Estimate;
  netTotal: Estimate;
};

export type CurvePoint = { share: number; policy: Estimate; response: Estimate; random: number };

export type Figures = {
  judgedRows: number;
  trainRows: number;
  /** Treats those for whom the model expects the greatest gain. */
  policy: PolicyFigures;
  /** Treats members at random, as many as the budget allows. */
  random: PolicyFigures;
  /** Treats those from whom a model expects the best outcome under treatment, whatever the treatment adds to it. */
  response: PolicyFigures;
  /** One policy's incremental outcome divided by another's. */
  policyOverRandom: Ratio;
  policyOverResponse: Ratio;
  responseOverRandom: Ratio;
  policyLessRandomPer1000: Estimate;
  policyLessResponsePer1000: Estimate;
  /** The area under the curve, and (`qini`) the part of it above the curve of random treatment; per 1,000 members. */
  auuc: Estimate;
  qini: Estimate;
  responseQini: Estimate;
  everybodyPer1000: Estimate;
  /** Incremental outcome per 1,000 members by the share that is treated. */
  curve: CurvePoint[];
};

const PER = 1_000;

const times = ({ estimate, low, high, se }: Estimate, factor: number): Estimate => ({
  estimate: estimate * factor,
  low: low * factor,
  high: high * factor,
  se: se * factor,
});

/** All figures of an evaluation, with 95 % intervals. The intervals take the trained models as given. */
export const figuresOf = (
  { means, judgedRows, trainRows }: Evaluation,
  { value, cost, budget }: EvaluateOptions,
): Figures => {
  const policyFigures = (gain: number, treated: number | undefined): PolicyFigures => {
    const incremental = means.combination([[gain, 1]]);
    const net =
      treated === undefined
        ? means.combination([[gain, value]])
        : means.combination([
            [gain, value],
            [treated, -cost],
          ]);
    // The share treated at random is fixed, so it adds no uncertainty.
    const fixed = treated === undefined ? cost * budget : 0;
    const netLess = { ...net, estimate: net.estimate - fixed, low: net.low - fixed, high: net.high - fixed };
    return {
      treatedShare: treated === undefined ? budget : means.mean(treated),
      incrementalPer1000: times(incremental, PER),
      incrementalTotal: times(incremental, judgedRows),
      netPer1000: times(netLess, PER),
      netTotal: times(netLess, judgedRows),
    };
  };
  const per1000 = (...weights: [number, number][]): Estimate => times(means.combination(weights), PER);
  return {
    judgedRows,
    trainRows,
    policy: policyFigures(MEASURES.policy, MEASURES.policyTreated),
    random: policyFigures(MEASURES.random, undefined),
    response: policyFigures(MEASURES.response, MEASURES.responseTreated),
    policyOverRandom: means.ratio(MEASURES.policy, MEASURES.random),
    policyOverResponse: means.ratio(MEASURES.policy, MEASURES.response),
    responseOverRandom: means.ratio(MEASURES.response, MEASURES.random),
    policyLessRandomPer1000: per1000([MEASURES.policy, 1], [MEASURES.random, -1]),
    policyLessResponsePer1000: per1000([MEASURES.policy, 1], [MEASURES.response, -1]),
    auuc: per1000([MEASURES.auuc, 1]),
    qini: per1000([MEASURES.qini, 1]),
    responseQini: per1000([MEASURES.responseQini, 1]),
    everybodyPer1000: per1000([MEASURES.everybody, 1]),
    curve: Array.from({ length: CURVE_STEPS }, (_, step) => {
      const share = (step + 1) / CURVE_STEPS;
      return {
        share,
        policy: per1000([policyCurve(step), 1]),
        response: per1000([responseCurve(step), 1]),
        random: PER * share * means.mean(MEASURES.everybody),
      };
    }),
  };
};
