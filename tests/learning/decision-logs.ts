import { type OffPolicy, OffPolicyEstimate } from '#domain/learning/off-policy.ts';
import { seededRandom } from '../support/random.ts';

/** A made-up shop whose members are of a few kinds, so that what any policy is worth is known exactly. */
type World = {
  /** Probability of a reward by kind of member and action. */
  rewards: number[][];
  predicted: number[][];
  propensities: number[][];
  targets: number[][];
};

const KINDS = 12;
const ACTIONS = 4;

const normalized = (values: readonly number[]): number[] => {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
};

/** `exploration` is the share of decisions made at random: the smaller it is, the less the log says about other policies. */
const makeWorld = (random: () => number, exploration: number): World => {
  const table = (of: (kind: number, action: number) => number): number[][] =>
    Array.from({ length: KINDS }, (_, kind) =>
      Array.from({ length: ACTIONS }, (_, action) => of(kind, action)),
    );
  const rewards = table(() => 0.05 + 0.4 * random());
  // The model is wrong by up to 0.1 either way.
  const predicted = table((kind, action) => rewards[kind]![action]! + 0.2 * (random() - 0.5));
  const favourites = Array.from({ length: KINDS }, () => Math.floor(ACTIONS * random()));
  const propensities = table(
    (kind, action) => exploration / ACTIONS + (favourites[kind] === action ? 1 - exploration : 0),
  );
  const targets = predicted.map((row) => {
    const best = row.indexOf(Math.max(...row));
    return row.map((_, action) => (action === best ? 1 : 0));
  });
  return { rewards, predicted, propensities: propensities.map(normalized), targets };
};

const choose = (shares: readonly number[], draw: number): number => {
  let rest = draw;
  for (let action = 0; action < shares.length; action++) {
    rest -= shares[action]!;
    if (rest < 0) return action;
  }
  return shares.length - 1;
};

export type SimulatedLog = { truth: number; result: OffPolicy };

/** The log of a made-up shop, and the true value of the evaluated policy in it. */
export const simulateLog = (seed: number, decisions: number, exploration: number): SimulatedLog => {
  const random = seededRandom(seed);
  const { rewards, predicted, propensities, targets } = makeWorld(random, exploration);
  const estimate = new OffPolicyEstimate();
  for (let i = 0; i < decisions; i++) {
    const kind = Math.floor(KINDS * random());
    const chosen = choose(propensities[kind]!, random());
    estimate.add({
      actions: propensities[kind]!.map((propensity, action) => ({
        propensity,
        target: targets[kind]![action]!,
        predicted: predicted[kind]![action]!,
      })),
      chosen,
      reward: random() < rewards[kind]![chosen]! ? 1 : 0,
    });
  }
  const worth = rewards.map((row, kind) =>
    row.reduce((sum, p, action) => sum + p * targets[kind]![action]!, 0),
  );
  return { truth: worth.reduce((sum, value) => sum + value, 0) / KINDS, result: estimate.result() };
};

export type Coverage = { logs: number; flagged: number; ips: number; snips: number; doublyRobust: number };

/** The shares of the logs whose intervals hold the truth, and of those with warnings (`flagged`). */
export const coverageOf = (logs: readonly SimulatedLog[]): Coverage => {
  const share = (holds: (log: SimulatedLog) => boolean) => logs.filter(holds).length / logs.length;
  const covered = (name: 'ips' | 'snips' | 'doublyRobust') =>
    share(({ truth, result }) => {
      const { low, high } = result[name]!;
      return low <= truth && truth <= high;
    });
  return {
    logs: logs.length,
    flagged: share(({ result }) => result.warnings.length > 0),
    ips: covered('ips'),
    snips: covered('snips'),
    doublyRobust: covered('doublyRobust'),
  };
};
