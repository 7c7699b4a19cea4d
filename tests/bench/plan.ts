/**
 * The planner against HiGHS, and alone at scale: `node tests/bench/plan.ts [--large-only]`. Prints, for each class and size,
 * what the plan is worth of the linear optimum, and the time of both in this one run; then the time for 1 M members of 8
 * offers, where the fastest published solver of the linear relaxation names 127 ms; then 10 M members that are made as
 * they are asked for, with the memory of the process, which must not grow with them. Takes some minutes.
 */
import { parseArgs } from 'node:util';
import type { Audience } from '#lambdas/audience/audience.ts';
import { issue, planAudience } from '#lambdas/audience/plan.ts';
import { drawInstance, INSTANCE_CLASSES, type Instance } from '../plan/instances.ts';
import { linearOptimum } from '../plan/linear-program.ts';

const SEED = 1;
const SIZES = [
  { members: 20_000, offers: 5, pools: 1 },
  { members: 5_000, offers: 20, pools: 1 },
  { members: 20_000, offers: 5, pools: 10 },
  { members: 5_000, offers: 20, pools: 10 },
];
const MILLION = { members: 1_000_000, offers: 8, pools: 1 };
const REPETITIONS = 5;
const STREAMED_MEMBERS = [1_000_000, 10_000_000];
const PART = { members: 20_000, offers: 8, pools: 1 };
const MIB = 2 ** 20;

const { values } = parseArgs({ options: { 'large-only': { type: 'boolean', default: false } } });

const audienceOf = ({ candidates }: Instance): Audience => ({ parts: () => [candidates] });

const timed = <Result>(work: () => Result): { result: Result; ms: number } => {
  const startMs = performance.now();
  const result = work();
  return { result, ms: performance.now() - startMs };
};

const againstHighs = async (): Promise<void> => {
  const rows = [];
  for (const kind of INSTANCE_CLASSES) {
    for (const size of SIZES) {
      const instance = drawInstance(kind, size, SEED);
      const audience = audienceOf(instance);
      const plan = timed(() => planAudience(audience, instance.budgets));
      const issued = timed(() => issue(plan.result, audience, () => {}));
      const { optimum, solveMs } = await linearOptimum(instance);
      rows.push({
        class: kind,
        ...size,
        'of optimum': (issued.result.value / optimum).toFixed(7),
        'plan ms': Math.round(plan.ms),
        'issue ms': Math.round(issued.ms),
        'HiGHS ms': Math.round(solveMs),
        'times faster': Math.round(solveMs / (plan.ms + issued.ms)),
      });
      console.error(`${kind}, ${size.members} members, ${size.offers} offers, ${size.pools} pools`);
    }
  }
  console.table(rows);
};

const oneMillion = (): void => {
  const rows = INSTANCE_CLASSES.map((kind) => {
    const instance = drawInstance(kind, MILLION, SEED);
    const audience = { ...audienceOf(instance), members: MILLION.members };
    const runs = Array.from({ length: REPETITIONS }, () => {
      const plan = timed(() => planAudience(audience, instance.budgets));
      const issued = timed(() => issue(plan.result, audience, () => {}));
      return { plan, issued };
    });
    const fastest = (times: number[]): number => Math.round(Math.min(...times));
    const { plan, issued } = runs[0]!;
    return {
      class: kind,
      'of bound': (issued.result.value / plan.result.bound).toFixed(7),
      'plan ms': fastest(runs.map((run) => run.plan.ms)),
      'issue ms': fastest(runs.map((run) => run.issued.ms)),
      passes: plan.result.passes,
    };
  });
  console.log(`${MILLION.members} members of ${MILLION.offers} offers, the fastest of ${REPETITIONS} runs`);
  console.table(rows);
};

/** Members that are drawn again at each pass, a part at a time. */
const streamedAudience = (members: number): Audience => ({
  members,
  *parts() {
    for (let part = 0; part < members / PART.members; part++) {
      yield drawInstance('uncorrelated', PART, SEED + part).candidates;
    }
  },
});

const streamed = (): void => {
  const [share] = drawInstance('uncorrelated', PART, SEED).budgets.poolFen;
  const rows = STREAMED_MEMBERS.map((members) => {
    const audience = streamedAudience(members);
    const budgetFen = Math.floor((share! * members) / PART.members);
    const startMs = performance.now();
    const plan = planAudience(audience, { totalFen: budgetFen, poolFen: [budgetFen] });
    const { value, served } = issue(plan, audience, () => {});
    return {
      members,
      served,
      'of bound': (value / plan.bound).toFixed(7),
      'seconds, with drawing': ((performance.now() - startMs) / 1000).toFixed(1),
      passes: plan.passes,
      'peak MiB': Math.round(process.resourceUsage().maxRSS / 1024),
      'now MiB': Math.round(process.memoryUsage().rss / MIB),
    };
  });
  console.table(rows);
};

// The streamed ones come first: the peak of the process is theirs then.
streamed();
oneMillion();
if (!values['large-only']) await againstHighs();
