/**
 * Makes one plan in a separate process, so that its memory can be measured alone: `plan.ts` starts it with `--expose-gc` and
 * what to plan as JSON, and reads a line of JSON from it.
 */
import type { Audience } from '#domain/allocation/offline/audience.ts';
import { issue, planAudience } from '#domain/allocation/offline/plan.ts';
import { drawInstance, type Instance, type InstanceClass } from '../allocation/instances.ts';
import { linearOptimum } from '../allocation/linear-program.ts';

export type Size = { members: number; offers: number; pools: number };
export type PlanRequest =
  | { kind: 'plan'; of: InstanceClass; size: Size }
  | { kind: 'HiGHS'; of: InstanceClass; size: Size }
  /** Members are drawn in parts of `part`, again in each pass. */
  | { kind: 'streamed'; members: number; part: Size };

export type PlanAnswer = {
  seconds: number;
  /** The value of the plan, its bound or optimum, and the number of members served. Each is 0 if it was not requested. */
  value: number;
  bound: number;
  served: number;
  passes: number;
  /** By how much the peak of the process's memory rose. */
  grownBytes: number;
  /** The largest increase of memory without garbage; 0 if it was not measured. */
  heldBytes: number;
  /** The memory that the solver itself reports. */
  solverBytes: number;
};

const SEED = 1;
const KIB = 1024;
/** The number of parts of a streamed audience between two measurements of the memory, each of which collects all garbage. */
const PARTS_PER_LOOK = 10;

const collect = (): void => (globalThis as { gc?: () => void }).gc?.();

const heldBytes = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const peakBytes = (): number => process.resourceUsage().maxRSS * KIB;

const streamedAudience = (members: number, part: Size, look: () => void): Audience => ({
  members,
  *parts() {
    for (let index = 0; index < members / part.members; index++) {
      if (index % PARTS_PER_LOOK === 0) look();
      yield drawInstance('uncorrelated', part, SEED + index).candidates;
    }
  },
});

const planned = (audience: Audience, budgets: Instance['budgets']) => {
  const plan = planAudience(audience, budgets);
  const { value, served } = issue(plan, audience, () => {});
  return { value, served, bound: plan.bound, passes: plan.passes };
};

const answerOf = async (request: PlanRequest): Promise<PlanAnswer> => {
  const nothing = { value: 0, served: 0, bound: 0, passes: 0, heldBytes: 0, solverBytes: 0 };
  if (request.kind === 'streamed') {
    const { members, part } = request;
    const [shareFen] = drawInstance('uncorrelated', part, SEED).budgets.poolFen;
    const budgetFen = Math.floor((shareFen! * members) / part.members);
    const beforeBytes = heldBytes();
    const peakBefore = peakBytes();
    let mostBytes = 0;
    const startMs = performance.now();
    const audience = streamedAudience(members, part, () => {
      mostBytes = Math.max(mostBytes, heldBytes());
    });
    const outcome = planned(audience, { totalFen: budgetFen, poolFen: [budgetFen] });
    return {
      ...nothing,
      ...outcome,
      seconds: (performance.now() - startMs) / 1_000,
      grownBytes: peakBytes() - peakBefore,
      heldBytes: mostBytes - beforeBytes,
    };
  }
  const instance = drawInstance(request.of, request.size, SEED);
  collect();
  const peakBefore = peakBytes();
  const startMs = performance.now();
  if (request.kind === 'plan') {
    const outcome = planned({ parts: () => [instance.candidates] }, instance.budgets);
    const seconds = (performance.now() - startMs) / 1_000;
    return { ...nothing, ...outcome, seconds, grownBytes: peakBytes() - peakBefore };
  }
  const { optimum, solveMs, bytes } = await linearOptimum(instance);
  return {
    ...nothing,
    bound: optimum,
    seconds: solveMs / 1_000,
    grownBytes: peakBytes() - peakBefore,
    solverBytes: bytes,
  };
};

if (import.meta.main) {
  console.log(JSON.stringify(await answerOf(JSON.parse(process.argv[2]!) as PlanRequest)));
}
