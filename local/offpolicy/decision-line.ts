/** Reads the lines of a decision log. */
import type { LoggedAction, LoggedDecision } from '#domain/learning/off-policy.ts';

/** Which policy is evaluated. */
export type Policy =
  /** The action with the largest predicted reward. On a tie the first one wins. */
  | { kind: 'greedy' }
  /** Every feasible action with the same probability. */
  | { kind: 'uniform' }
  /** Every action with the probability that the log gives as its `target`. */
  | { kind: 'target' }
  /** One action if it is feasible, else the policy that was logged. */
  | { kind: 'action'; action: string };

export type DecisionLine =
  | { kind: 'decision'; id: string; decision: LoggedDecision }
  | { kind: 'unreadable'; reason: string };

class Unreadable extends Error {}

/** The sum of probabilities may differ from 1 by up to this much, because logs write few digits. */
const SUM_TOLERANCE = 0.001;

type RawAction = { action: string; propensity: number; predicted?: number; target?: number };

const object = (value: unknown, path: string): Record<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Unreadable(`${path}: expected an object, got ${JSON.stringify(value)}`);
};

const text = (value: unknown, path: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw new Unreadable(`${path}: expected a text, got ${JSON.stringify(value)}`);
};

const number = (value: unknown, path: string): number => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Unreadable(`${path}: expected a number, got ${JSON.stringify(value)}`);
};

const probability = (value: unknown, path: string): number => {
  const share = number(value, path);
  if (share >= 0 && share <= 1) return share;
  throw new Unreadable(`${path}: expected a probability from 0 to 1, got ${share}`);
};

const readAction = (value: unknown, path: string): RawAction => {
  const { action, propensity, predicted, target } = object(value, path);
  return {
    action: text(action, `${path}.action`),
    propensity: probability(propensity, `${path}.propensity`),
    ...(predicted !== undefined && { predicted: number(predicted, `${path}.predicted`) }),
    ...(target !== undefined && { target: probability(target, `${path}.target`) }),
  };
};

const sumsToOne = (actions: readonly RawAction[], of: (action: RawAction) => number, path: string): void => {
  const sum = actions.reduce((total, action) => total + of(action), 0);
  if (Math.abs(sum - 1) > SUM_TOLERANCE) {
    throw new Unreadable(`${path}: expected to sum to 1, got ${Number(sum.toPrecision(6))}`);
  }
};

/** The policy's probability of each action. */
const targetsOf = (actions: readonly RawAction[], policy: Policy): number[] => {
  switch (policy.kind) {
    case 'greedy': {
      const predicted = actions.map((action, i) => number(action.predicted, `actions[${i}].predicted`));
      const best = predicted.indexOf(Math.max(...predicted));
      return actions.map((_, i) => (i === best ? 1 : 0));
    }
    case 'uniform':
      return actions.map(() => 1 / actions.length);
    case 'target': {
      const targets = actions.map((action, i) => probability(action.target, `actions[${i}].target`));
      sumsToOne(actions, (action) => action.target!, 'target');
      return targets;
    }
    case 'action': {
      const place = actions.findIndex(({ action }) => action === policy.action);
      return actions.map(({ propensity }, i) => (place < 0 ? propensity : i === place ? 1 : 0));
    }
    default:
      return policy satisfies never;
  }
};

/** Reads a line of a decision log; see docs/learning.md for its form. */
export const readDecisionLine = (line: string, policy: Policy): DecisionLine => {
  try {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw new Unreadable(`line: expected JSON, got ${JSON.stringify(line.slice(0, 60))}`);
    }
    const { decision, actions, chosen, reward } = object(json, 'line');
    const id = text(decision, 'decision');
    if (!Array.isArray(actions) || actions.length === 0) {
      throw new Unreadable(`actions: expected at least one, got ${JSON.stringify(actions)}`);
    }
    const raw = actions.map((action, i) => readAction(action, `actions[${i}]`));
    const names = new Set(raw.map(({ action }) => action));
    if (names.size < raw.length) throw new Unreadable('actions: expected different ones, got one twice');
    sumsToOne(raw, ({ propensity }) => propensity, 'propensity');
    const name = text(chosen, 'chosen');
    const place = raw.findIndex(({ action }) => action === name);
    if (place < 0) {
      throw new Unreadable(`chosen: expected one of the actions, got ${JSON.stringify(name)}`);
    }
    if (raw[place]!.propensity === 0) {
      throw new Unreadable('chosen: expected an action of a propensity over 0, got 0');
    }
    const targets = targetsOf(raw, policy);
    const logged = raw.map(
      ({ propensity, predicted }, i): LoggedAction => ({ propensity, predicted, target: targets[i]! }),
    );
    return {
      kind: 'decision',
      id,
      decision: { actions: logged, chosen: place, reward: number(reward, 'reward') },
    };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
};
