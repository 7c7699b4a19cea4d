/**
 * The planner against HiGHS, and alone at scale. Takes a few minutes.
 *
 *     npm run node -- tests/bench/plan.ts [--large-only]
 *
 * It prints:
 *
 * - 1 M, 3 M and 10 M members that are made as they are asked for, each plan in a separate process: its largest memory at any
 *   measurement, without garbage but with a part of 20,000 members, and by how much the process grew, which is mostly garbage
 *   from making the members. Neither may grow with the number of members.
 * - The time for 1 M members of 8 offers, where the fastest published solver of the linear relaxation names 127 ms.
 * - For each class and size, the plan's value as a share of the linear optimum, and time and memory of both in this run: by how
 *   much the process grew when it planned, or when it loaded HiGHS and solved, and the memory that HiGHS itself reports.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import type { Audience } from '#domain/allocation/offline/audience.ts';
import { issue, planAudience } from '#domain/allocation/offline/plan.ts';
import { drawInstance, INSTANCE_CLASSES, type Instance } from '../allocation/instances.ts';
import { linearOptimum } from '../allocation/linear-program.ts';
import type { PlanAnswer, PlanRequest } from './plan-child.ts';

const SEED = 1;
const SIZES = [
  { members: 20_000, offers: 5, pools: 1 },
  { members: 5_000, offers: 20, pools: 1 },
  { members: 20_000, offers: 5, pools: 10 },
  { members: 5_000, offers: 20, pools: 10 },
];
const MILLION = { members: 1_000_000, offers: 8, pools: 1 };
const REPETITIONS = 5;
const STREAMED_MEMBERS = [1_000_000, 3_000_000, 10_000_000];
const PART = { members: 20_000, offers: 8, pools: 1 };
const MIB = 2 ** 20;

const { values } = parseArgs({ options: { 'large-only': { type: 'boolean', default: false } } });

const audienceOf = ({ candidates }: Instance): Audience => ({ parts: () => [candidates] });

const timed = <Result>(work: () => Result): { result: Result; ms: number } => {
  const startMs = performance.now();
  const result = work();
  return { result, ms: performance.now() - startMs };
};

/** The answer of a separate process. */
const asked = async (request: PlanRequest): Promise<PlanAnswer> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    new URL('plan-child.ts', import.meta.url).pathname,
    JSON.stringify(request),
  ]);
  return JSON.parse(stdout) as PlanAnswer;
};

const mib = (bytes: number): string => (bytes / MIB).toFixed(1);

const againstHighs = async (): Promise<void> => {
  const rows = [];
  for (const kind of INSTANCE_CLASSES) {
    for (const size of SIZES) {
      const instance = drawInstance(kind, size, SEED);
      const audience = audienceOf(instance);
      const plan = timed(() => planAudience(audience, instance.budgets));
      const issued = timed(() => issue(plan.result, audience, () => {}));
      const { optimum, solveMs } = await linearOptimum(instance);
      const alone = await asked({ kind: 'plan', of: kind, size });
      const highs = await asked({ kind: 'HiGHS', of: kind, size });
      rows.push({
        class: kind,
        ...size,
        'of optimum': (issued.result.value / optimum).toFixed(7),
        'plan ms': Math.round(plan.ms),
        'issue ms': Math.round(issued.ms),
        'HiGHS ms': Math.round(solveMs),
        'times faster': Math.round(solveMs / (plan.ms + issued.ms)),
        'plan MiB': mib(alone.grownBytes),
        'HiGHS MiB': mib(highs.grownBytes),
        'reported by HiGHS': mib(highs.solverBytes),
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

/** Members that are made again in each pass, one part at a time. */
const streamed = async (): Promise<void> => {
  const rows = [];
  for (const members of STREAMED_MEMBERS) {
    const answer = await asked({ kind: 'streamed', members, part: PART });
    rows.push({
      members,
      served: answer.served,
      'of bound': (answer.value / answer.bound).toFixed(7),
      'seconds, with drawing': answer.seconds.toFixed(1),
      passes: answer.passes,
      'held MiB': mib(answer.heldBytes),
      'peak grown by MiB': mib(answer.grownBytes),
    });
  }
  console.table(rows);
};

await streamed();
oneMillion();
if (!values['large-only']) await againstHighs();
