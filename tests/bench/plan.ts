/**
 * `npm run plan` at scale: its memory and its time. `presale.ts` compares what a plan issues with the linear optimum, because a
 * presale plans in the same way.
 *
 *     npm run node -- tests/bench/plan.ts
 *
 * It prints:
 *
 * - Plans for 1 M, 3 M and 10 M members, who are made as they are asked for, each plan in a separate process. `held` is the most
 *   memory at any measurement after garbage collection, a part of 20,000 members included. `peak grown by` is how much the
 *   process grew, mostly by garbage from making the members. Neither may grow with the number of members.
 * - The time for 1 M members with 8 offers each, for which the fastest published solver of the linear relaxation reports 127 ms.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Audience, issue, planAudience } from '#local/plan/plan-audience.ts';
import { drawInstance, INSTANCE_CLASSES, type Instance } from '../allocation/instances.ts';
import type { PlanAnswer, PlanRequest } from './plan-child.ts';

const SEED = 1;
const MILLION = { members: 1_000_000, offers: 8, pools: 1 };
const REPETITIONS = 5;
const STREAMED_MEMBERS = [1_000_000, 3_000_000, 10_000_000];
const PART = { members: 20_000, offers: 8 };
const POOLS = [1, 10];
const MIB = 2 ** 20;

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

const oneMillion = (): void => {
  const rows = INSTANCE_CLASSES.map((kind) => {
    const instance = drawInstance(kind, MILLION, SEED);
    const audience = audienceOf(instance);
    const runs = Array.from({ length: REPETITIONS }, () => {
      const plan = timed(() => planAudience(audience, instance.budgets));
      const issued = timed(() => issue(plan.result, audience, () => {}));
      return { plan, issued };
    });
    const fastest = (times: number[]): number => Math.round(Math.min(...times));
    const { issued } = runs[0]!;
    return {
      class: kind,
      'of bound': (issued.result.value / issued.result.bound).toFixed(7),
      'plan ms': fastest(runs.map((run) => run.plan.ms)),
      'issue ms': fastest(runs.map((run) => run.issued.ms)),
    };
  });
  console.log(`${MILLION.members} members of ${MILLION.offers} offers, the fastest of ${REPETITIONS} runs`);
  console.table(rows);
};

/** Plans for members who are made again in each pass, one part at a time. */
const streamed = async (): Promise<void> => {
  const rows = [];
  for (const pools of POOLS) {
    for (const members of STREAMED_MEMBERS) {
      const answer = await asked({ members, part: { ...PART, pools } });
      rows.push({
        pools,
        members,
        served: answer.served,
        'of bound': (answer.value / answer.bound).toFixed(7),
        'seconds, with drawing': answer.seconds.toFixed(1),
        'held MiB': mib(answer.heldBytes),
        'peak grown by MiB': mib(answer.grownBytes),
      });
    }
  }
  console.table(rows);
};

await streamed();
oneMillion();
