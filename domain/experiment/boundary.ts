/** How wide an interval must be so that it holds however often one looks. */
import { normalCdf } from '#platform/normal.ts';

/**
 * The number of events in the smaller arm (orders or redeemed coupons) for which the boundary is tuned: it is
 * lowest there. It is of the size that is needed to detect a lift of 15 %, which is 1,283 redeemed coupons
 * where 10 % are redeemed and 1,423 where 1 % are: the logarithm of the lift, 0.14, is then 3.9 standard
 * errors, which is the boundary plus the distance needed for 80 % power. With an eighth of the events, or a
 * hundred times as many, an interval is 18 % wider than one tuned for that number.
 */
export const TUNED_EVENTS = 1_000;

export const DEFAULT_CONFIDENCE = 0.95;

/**
 * The half-width of a confidence sequence in standard errors. A confidence sequence is an interval that holds at all looks
 * together with probability `confidence`, however often one looks and whenever one stops. `clock` is the amount of evidence, in
 * events of the smaller arm. The result falls from infinity at 0 to 3.0 at {@link TUNED_EVENTS} and then grows with the root of
 * the clock's logarithm. For a single look it would be 1.96.
 *
 * It is the boundary of H. Robbins' normal mixture ("Statistical methods related to the law of the iterated logarithm",
 * Annals of Mathematical Statistics 41, 1970) in the form of the asymptotic confidence sequences of I. Waudby-Smith,
 * D. Arbour, R. Sinha, E. H. Kennedy and A. Ramdas ("Time-uniform central limit theory and asymptotic confidence
 * sequences", Annals of Statistics 52, 2024, theorem 2.2; the tuning is that of their appendix on the choice of rho).
 *
 * In that paper, members arrive one by one and each is measured once. Here all members are there from the start and their
 * orders accumulate; the estimate is of the effect up to the look. The boundary still holds, for these reasons:
 * - The estimate less the effect is a mean over many members who are independent of each other, at all looks jointly, so it
 *   is close to a Gaussian process. If members ordered at random times, independently of what they ordered before, it would
 *   be a Brownian motion in its own variance, and the variance would be proportional to the events: the case of the theorem.
 * - A member who ordered much tends to order much again. That makes the increments of one member positively correlated, and so the
 *   correlation of two looks is larger than the Brownian motion's, which is the root of the ratio of their events. (With
 *   Poisson orders at a rate that varies among members, the square of the correlation of looks at s and at a later t is larger
 *   by the factor (1 + c E(t)) / (1 + c E(s)), where E(t) is the mean number of events of a member up to t,
 *   and c the squared coefficient of variation of the rates.) By Slepian's lemma (D. Slepian, "The one-sided
 *   barrier problem for Gaussian noise", Bell System Technical Journal 41, 1962) a Gaussian process of the
 *   same variances and larger correlations crosses a boundary less often. The lemma is about one side, so the
 *   boundary is that of two one-sided mixtures at half the error each, which costs 0.7 % of the error.
 * - For the conversion of coupons the clock is the information, see `lift.ts`.
 *
 * This is not proven for refunds and for members who order at most once: both correlate a member's increments negatively. For
 * members who order once, the right clock is the odds instead of the share of those who ordered; for refunds, the clock runs
 * faster by the share refunded. Both only change a logarithm, and the boundary has room for that, because it also covers
 * infinitely many looks after the last one. With few events nothing is Gaussian: the boundary is wide there (8 standard errors
 * at 12 events), and its callers show nothing below a minimum of events. `tests/bench/experiment.ts` measures how often
 * intervals hold, with refunds.
 */
export const boundary = (clock: number, confidence: number): number => {
  const twiceLog = 2 * Math.log(1 / bothSides(1 - confidence));
  // The mixture's precision, in events. This value makes the boundary lowest at the tuned number of events.
  const rho = TUNED_EVENTS / (twiceLog + Math.log(twiceLog) + 1);
  const passed = clock / rho;
  return Math.sqrt((1 + 1 / passed) * (Math.log1p(passed) + twiceLog));
};

/**
 * The error at which the boundary of the two-sided mixture is never below that of the half-normal mixture with half the error.
 * The two martingales differ by the normal probability of lying below the boundary, which is smallest where the boundary is
 * lowest.
 */
const bothSides = (error: number): number => error * normalCdf(Math.sqrt(2 * Math.log(1 / error)));
