/** The load of each function that orders go through, at the peak. */
import { addCost, blend, FREE } from './cost.ts';
import type { Demand } from './demand.ts';
import type { Cost, LinearCost, OrderFunction, Path, UnitCosts } from './unit-costs.ts';

/** The settings of a function and its event source. The plan raises `concurrencyMax` if the peak needs more. */
export type Setup = {
  readonly memoryMib: number;
  readonly timeoutSeconds: number;
  readonly batchMessagesMax: number;
  readonly windowSeconds: number;
  readonly concurrencyMax: number;
};

/** The load of a function in a second of the peak. */
export type Load = {
  readonly name: string;
  readonly ordersPerSecond: number;
  readonly messagesPerSecond: number;
  readonly invocationsPerSecond: number;
  /** The duration of an invocation, in ms. */
  readonly durationMs: number;
  /** Invocations at a time, with a margin for uneven load. */
  readonly concurrency: number;
  /** The cost of a second. */
  readonly cost: Cost;
  readonly setup: Setup;
};

/** Lambda begins with five collectors (pollers) for each event source mapping, each of which fills its own batches. */
const COLLECTORS = 5;
/** Intake repacks events into messages of at most this many. */
const EVENTS_PER_MESSAGE = 100;
/** In MiB; with less memory, a function has a proportional part of a vCPU. */
const WHOLE_VCPU_MIB = 1_769;
/** The assumed time of a call to DynamoDB or SQS within a region, in ms, including the SDK. */
export const ROUND_MS = 8;
/** There must be room for this many times the mean load. */
export const MARGIN = 1.3;

/**
 * How long an invocation of this cost takes, in ms: its CPU time divided by the function's share of a vCPU, and the time of
 * the calls that it waits for.
 */
export const durationOf = ({ cpuMs, rounds }: Cost, { memoryMib }: Setup): number =>
  (cpuMs * WHOLE_VCPU_MIB) / Math.min(memoryMib, WHOLE_VCPU_MIB) + rounds * ROUND_MS;

/** Batches fill with what comes in within a window, divided among the collectors. */
const loadOf = (
  name: string,
  flow: { ordersPerSecond: number; messagesPerSecond: number },
  { invocation, each }: LinearCost,
  setup: Setup,
): Load => {
  const { ordersPerSecond, messagesPerSecond } = flow;
  const inWindow = (messagesPerSecond * setup.windowSeconds) / COLLECTORS;
  const batch = Math.min(setup.batchMessagesMax, Math.max(1, inWindow));
  const invocationsPerSecond = messagesPerSecond / batch;
  const perInvocation = invocationsPerSecond === 0 ? 0 : ordersPerSecond / invocationsPerSecond;
  const durationMs = durationOf(addCost(invocation, each, perInvocation), setup);
  return {
    name,
    ...flow,
    invocationsPerSecond,
    durationMs,
    concurrency: Math.ceil(((invocationsPerSecond * durationMs) / 1_000) * MARGIN),
    cost: addCost(addCost(FREE, invocation, invocationsPerSecond), each, ordersPerSecond),
    setup,
  };
};

const NOTHING: LinearCost = { invocation: FREE, each: FREE };

/** The cost of an order in a function: the mean over the kinds of orders, weighted by their shares. */
const mixOf = (demand: Demand, { paths }: UnitCosts, name: OrderFunction): LinearCost => {
  const { broughtShare, usedShare, enteredShare, wonShare } = demand;
  const at = (path: Path): LinearCost => paths[path][name] ?? NOTHING;
  const ways: [Path, number][] = [
    ['decided', 1 - broughtShare - usedShare],
    ['brought', broughtShare],
    ['used', usedShare],
  ];
  switch (name) {
    case 'coupon':
      return blend(ways.map(([path, share]) => [share, at(path)]));
    case 'free-order': {
      const winners = enteredShare === 0 ? 0 : wonShare / enteredShare;
      return blend([
        [1 - winners, at('lost')],
        [winners, at('won')],
      ]);
    }
    case 'intake':
    case 'metrics':
      // Every order is counted. An order on another path adds the difference between that path and counting.
      return blend([
        [1, at('counted')],
        ...[...ways, ['lost', enteredShare] as [Path, number]].flatMap(([path, share]) => [
          [share, at(path)] as const,
          [-share, at('counted')] as const,
        ]),
      ]);
  }
};

/** An invocation has its fixed cost once, whatever the mix of its orders. */
const withInvocationOf = (mix: LinearCost, { invocation }: LinearCost): LinearCost => ({
  invocation,
  each: mix.each,
});

export type Setups = Readonly<Record<OrderFunction | 'rollup' | 'audience', Setup>>;

/** The loads of the functions that orders go through, at the peak. */
export const loadsOf = (demand: Demand, costs: UnitCosts, setups: Setups): Record<OrderFunction, Load> => {
  const { ordersPerSecond, ordersPerMessage, enteredShare } = demand;
  const { paths } = costs;
  const lineOf = (name: OrderFunction, fixed: LinearCost) =>
    withInvocationOf(mixOf(demand, costs, name), fixed);
  const intake = loadOf(
    'intake',
    { ordersPerSecond, messagesPerSecond: ordersPerSecond / ordersPerMessage },
    lineOf('intake', paths.brought.intake!),
    setups.intake,
  );
  const perIntake = ordersPerSecond / Math.max(intake.invocationsPerSecond, Number.MIN_VALUE);
  const messagesOf = (share: number): number =>
    share === 0 ? 0 : intake.invocationsPerSecond * Math.ceil((perIntake * share) / EVENTS_PER_MESSAGE);
  const coupon = loadOf(
    'coupon',
    { ordersPerSecond, messagesPerSecond: messagesOf(1) },
    lineOf('coupon', paths.brought.coupon!),
    setups.coupon,
  );
  const freeOrder = loadOf(
    'free-order',
    { ordersPerSecond: ordersPerSecond * enteredShare, messagesPerSecond: messagesOf(enteredShare) },
    lineOf('free-order', paths.lost['free-order']!),
    setups['free-order'],
  );
  const metrics = loadOf(
    'metrics',
    {
      ordersPerSecond,
      messagesPerSecond: messagesOf(1) + coupon.invocationsPerSecond + freeOrder.invocationsPerSecond,
    },
    lineOf('metrics', paths.counted.metrics!),
    setups.metrics,
  );
  return { intake, coupon, 'free-order': freeOrder, metrics };
};
