import highsModule from 'highs';
import type { Instance } from './instances.ts';

// The types of HiGHS are those of its CommonJS build, whose default export lies one level deeper than that of the module used here.
const loadHighs = highsModule as unknown as typeof highsModule.default;

/** The optimum of a linear relaxation by HiGHS, the ms that solving it took, and the bytes of memory that HiGHS then holds. */
export type LinearOptimum = { optimum: number; solveMs: number; bytes: number };

/**
 * Solves an instance's linear relaxation with HiGHS: one row for each member and one for each pool. It uses the interior-point
 * method, which is 10 to 60 times faster here than its simplex methods.
 */
export const linearOptimum = async ({ candidates, budgets }: Instance): Promise<LinearOptimum> => {
  const highs = await loadHighs();
  const { members, first, costFen, pool, value } = candidates;
  const offers = first[members]!;
  const numRows = members + budgets.poolFen.length;
  const indices = new Int32Array(2 * offers);
  const values = new Float64Array(2 * offers);
  for (let member = 0; member < members; member++) {
    for (let at = first[member]!; at < first[member + 1]!; at++) {
      indices.set([member, members + pool[at]!], 2 * at);
      values.set([1, costFen[at]!], 2 * at);
    }
  }
  const model = highs.createModel({
    numCols: offers,
    numRows,
    sense: highs.constants.objectiveSense.maximize,
    colCost: value.slice(0, offers),
    colLower: new Float64Array(offers),
    colUpper: new Float64Array(offers).fill(highs.infinity),
    rowLower: new Float64Array(numRows).fill(-highs.infinity),
    rowUpper: Float64Array.from({ length: numRows }, (_, row) =>
      row < members ? 1 : budgets.poolFen[row - members]!,
    ),
    matrix: {
      format: 'csc',
      numCols: offers,
      numRows,
      starts: Int32Array.from({ length: offers + 1 }, (_, at) => 2 * at),
      indices,
      values,
    },
  });
  try {
    model.options.set({ output_flag: false, solver: 'ipm' });
    const startMs = performance.now();
    model.run();
    const solveMs = performance.now() - startMs;
    const status = model.getModelStatus();
    if (status !== highs.constants.modelStatus.optimal)
      throw new Error(`HiGHS: expected Optimal, got ${status}`);
    return { optimum: model.getObjectiveValue(), solveMs, bytes: highs.memoryBytes };
  } finally {
    model.dispose();
  }
};
