import highsModule from 'highs';
import type { Instance } from './instances.ts';

// Its types are those of its CommonJS build, whose default export lies one level deeper than that of the module loaded here.
const loadHighs = highsModule as unknown as typeof highsModule.default;

const sum = (terms: readonly string[]): string => terms.join(' + ');

/** An instance's linear relaxation in CPLEX LP format: a row a member, a row a pool. */
const textOf = ({ candidates, budgets }: Instance): string => {
  const { members, first, value, costFen, pool } = candidates;
  const offers = Array.from({ length: first[members]! }, (_, at) => at);
  const rows = [
    ...Array.from(
      { length: members },
      (_, member) =>
        `m${member}: ${sum(offers.slice(first[member]!, first[member + 1]!).map((at) => `x${at}`))} <= 1`,
    ),
    ...budgets.poolFen.map((fen, p) => {
      const ofPool = offers.filter((at) => pool[at] === p).map((at) => `${costFen[at]} x${at}`);
      return `b${p}: ${ofPool.length === 0 ? '0 x0' : sum(ofPool)} <= ${fen}`;
    }),
  ];
  return `Maximize\nobj: ${sum(offers.map((at) => `${value[at]} x${at}`))}\nSubject To\n${rows.join('\n')}\nEnd`;
};

/** The optimum of an instance's linear relaxation by HiGHS, and the ms that solving it took. */
export const linearOptimum = async (instance: Instance): Promise<{ optimum: number; solveMs: number }> => {
  const highs = await loadHighs();
  const text = textOf(instance);
  const startMs = performance.now();
  const { Status: status, ObjectiveValue: optimum } = highs.solve(text);
  if (status !== 'Optimal') throw new Error(`HiGHS: expected Optimal, got ${status}`);
  return { optimum, solveMs: performance.now() - startMs };
};
