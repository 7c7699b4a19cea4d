/**
 * Makes one plan in a separate process, so that its memory can be measured alone: `plan.ts` starts the process with
 * `--expose-gc` and what to plan as JSON, and reads the answer, a line of JSON.
 */
import { type Audience, issue, planAudience } from '#local/plan/plan-audience.ts';
import { drawInstance } from '../allocation/instances.ts';

export type Size = { members: number; offers: number; pools: number };
/** Members are drawn at random, one part of this size after the other; each pass draws the same members. */
export type PlanRequest = { members: number; part: Size };

export type PlanAnswer = {
  seconds: number;
  value: number;
  bound: number;
  served: number;
  /** By how much the peak of the process's memory rose. */
  grownBytes: number;
  /** The largest increase of memory without garbage. */
  heldBytes: number;
};

const SEED = 1;
const KIB = 1024;
/** The number of parts of an audience between two measurements of the memory, each of which collects all garbage. */
const PARTS_PER_LOOK = 10;

const heldBytes = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const peakBytes = (): number => process.resourceUsage().maxRSS * KIB;

const streamedAudience = ({ members, part }: PlanRequest, look: () => void): Audience => ({
  *parts() {
    for (let index = 0; index < members / part.members; index++) {
      if (index % PARTS_PER_LOOK === 0) look();
      yield drawInstance('uncorrelated', part, SEED + index).candidates;
    }
  },
});

const answerOf = (request: PlanRequest): PlanAnswer => {
  const { members, part } = request;
  const drawn = drawInstance('uncorrelated', part, SEED).budgets.poolFen;
  const poolFen = drawn.map((fen) => Math.floor((fen * members) / part.members));
  const beforeBytes = heldBytes();
  const peakBefore = peakBytes();
  let mostBytes = 0;
  const startMs = performance.now();
  const audience = streamedAudience(request, () => {
    mostBytes = Math.max(mostBytes, heldBytes());
  });
  const plan = planAudience(audience, { totalFen: Number.POSITIVE_INFINITY, poolFen });
  const { value, bound, served } = issue(plan, audience, () => {});
  return {
    seconds: (performance.now() - startMs) / 1_000,
    value,
    bound,
    served,
    grownBytes: peakBytes() - peakBefore,
    heldBytes: mostBytes - beforeBytes,
  };
};

if (import.meta.main) console.log(JSON.stringify(answerOf(JSON.parse(process.argv[2]!) as PlanRequest)));
