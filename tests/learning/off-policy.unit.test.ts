import { describe, expect, it } from 'vitest';
import { type LoggedDecision, OffPolicyEstimate } from '#domain/learning/off-policy.ts';

const estimateOf = (decisions: readonly LoggedDecision[]) => {
  const estimate = new OffPolicyEstimate();
  for (const decision of decisions) estimate.add(decision);
  return estimate.result();
};

/** Two actions; the evaluated policy takes the second. */
const decision = (chosen: 0 | 1, reward: number, propensity = 0.5): LoggedDecision => ({
  actions: [
    { propensity: 1 - propensity, target: 0, predicted: 0.2 },
    { propensity, target: 1, predicted: 0.4 },
  ],
  chosen,
  reward,
});

describe('off-policy estimates', () => {
  it('agree with their definitions', () => {
    const result = estimateOf([decision(1, 1, 0.25), decision(1, 0), decision(0, 1), decision(1, 1)]);
    // The weights are 4, 2, 0 and 2.
    expect(result.logged.estimate).toBeCloseTo(3 / 4);
    expect(result.ips.estimate).toBeCloseTo(6 / 4);
    expect(result.snips.estimate).toBeCloseTo(6 / 8);
    expect(result.direct!.estimate).toBeCloseTo(0.4);
    expect(result.doublyRobust!.estimate).toBeCloseTo(0.4 + (4 * 0.6 - 2 * 0.4 + 2 * 0.6) / 4);
    expect(result.effectiveSize).toBeCloseTo(64 / 24);
    expect(result.largestWeight).toBe(4);
  });

  it('of the logged policy itself are its mean reward', () => {
    const logged = [0, 1, 1, 0, 1].map(
      (reward): LoggedDecision => ({
        actions: [{ propensity: 1, target: 1, predicted: 0.5 }],
        chosen: 0,
        reward,
      }),
    );
    const { ips, snips, doublyRobust, effectiveSize } = estimateOf(logged);
    expect(ips.estimate).toBeCloseTo(0.6);
    expect(snips.estimate).toBeCloseTo(0.6);
    expect(doublyRobust!.estimate).toBeCloseTo(0.6);
    expect(effectiveSize).toBeCloseTo(5);
  });

  it('work without predictions, except for the two that need them', () => {
    const { direct, doublyRobust, snips } = estimateOf([
      { actions: [{ propensity: 1, target: 1, predicted: undefined }], chosen: 0, reward: 1 },
    ]);
    expect([direct, doublyRobust]).toEqual([undefined, undefined]);
    expect(snips.estimate).toBe(1);
  });

  it('warn when they rest on few decisions, few rewards, one decision or wrong propensities', () => {
    const many = (count: number, of: (i: number) => LoggedDecision) =>
      estimateOf(Array.from({ length: count }, (_, i) => of(i))).warnings;
    expect(many(2_000, (i) => decision(i % 2 === 0 ? 1 : 0, i % 4 === 0 ? 1 : 0))).toEqual([]);
    expect(many(20, (i) => decision(i % 2 === 0 ? 1 : 0, 1))).toContainEqual(
      expect.stringContaining('effective sample size'),
    );
    expect(many(2_000, (i) => decision(i % 2 === 0 ? 1 : 0, i === 0 ? 1 : 0))).toContainEqual(
      expect.stringContaining('effective rewards'),
    );
    expect(many(2_000, (i) => decision(1, 1, i === 0 ? 0.0001 : 1))).toContainEqual(
      expect.stringContaining('largest weight'),
    );
    expect(many(2_000, (i) => decision(i % 10 === 0 ? 0 : 1, 1))).toContainEqual(
      expect.stringContaining('mean weight'),
    );
  });

  it('need at least one decision', () => {
    expect(() => new OffPolicyEstimate().result()).toThrow(/expected at least one, got none/);
  });
});
