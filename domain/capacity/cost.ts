/** Adds up costs. */
import type { Cost, LinearCost, Units } from './unit-costs.ts';

/** The cost of nothing. */
export const FREE: Cost = { cpuMs: 0, rounds: 0, writeUnits: {}, readUnits: {}, sends: 0, sentBytes: 0 };

const addUnits = (a: Units, b: Units, times: number): Units => {
  const sum: Record<string, number> = { ...a };
  for (const [table, units] of Object.entries(b)) sum[table] = (sum[table] ?? 0) + units * times;
  return sum;
};

/** `a + times × b`, field by field. */
export const addCost = (a: Cost, b: Cost, times = 1): Cost => ({
  cpuMs: a.cpuMs + b.cpuMs * times,
  rounds: a.rounds + b.rounds * times,
  writeUnits: addUnits(a.writeUnits, b.writeUnits, times),
  readUnits: addUnits(a.readUnits, b.readUnits, times),
  sends: a.sends + b.sends * times,
  sentBytes: a.sentBytes + b.sentBytes * times,
});

/** The sum of linear costs, each multiplied by its weight: their mean if the weights add up to 1. */
export const blend = (parts: readonly (readonly [number, LinearCost])[]): LinearCost => {
  const mean = (side: keyof LinearCost): Cost =>
    parts.reduce((sum, [weight, cost]) => addCost(sum, cost[side], weight), FREE);
  return { invocation: mean('invocation'), each: mean('each') };
};

export const sumUnits = (units: Units): number => Object.values(units).reduce((sum, one) => sum + one, 0);
