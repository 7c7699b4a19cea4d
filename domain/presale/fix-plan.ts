/** Makes and stores the plan of a presale once its audience is counted. */
import { writePrices } from '#domain/campaigns/prices.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type AudienceTallies, mergeTallies } from './audience-tallies.ts';
import { readGiven } from './correct-pass.ts';
import type { Presale } from './evaluate-for-presale.ts';
import { fixDraft, fixPlan, readDraft, readPlan } from './plan-item.ts';
import { readCounted } from './plan-pass.ts';
import { correctPlan, isCorrected, type PresalePlan, planPresale } from './presale-plan.ts';
import type { Pass, Segment } from './segment.ts';
import { segmentsDone } from './segments.ts';

/**
 * All segments of a presale. Their counts are read together, and not each by a call of its own: while a share
 * of all calls fails, a message that needs a call for each segment would hardly ever succeed.
 */
const segmentsOf = ({ campaignId }: Presale, segments: number): Segment[] =>
  Array.from({ length: segments }, (_, index) => ({ campaignId, index, segments }));

const readTallies = async (runtime: Runtime, presale: Presale, segments: number): Promise<AudienceTallies> =>
  mergeTallies(presale.coupons, await readCounted(runtime, presale, segmentsOf(presale, segments)));

const correctedPlan = async (
  runtime: Runtime,
  presale: Presale,
  segments: number,
  draft: PresalePlan,
): Promise<PresalePlan> =>
  correctPlan(
    presale,
    await readTallies(runtime, presale, segments),
    draft,
    await readGiven(runtime, presale, segmentsOf(presale, segments)),
  );

/** The plan that follows from the counts, or the pass that has to come before it; undefined while the audience is not counted. */
const planOfCounts = async (
  runtime: Runtime,
  presale: Presale,
  segments: number,
): Promise<PresalePlan | 'correct' | undefined> => {
  const { campaignId, coupons } = presale;
  const isCounted = async (pass: Pass): Promise<boolean> =>
    (await segmentsDone(runtime, campaignId, segments, pass)).size === segments;
  if (!(await isCounted('plan'))) return undefined;
  const draft = await readDraft(runtime, campaignId);
  if (draft !== undefined)
    return (await isCounted('correct')) ? correctedPlan(runtime, presale, segments, draft) : 'correct';
  const plan = planPresale(presale, await readTallies(runtime, presale, segments));
  if (!isCorrected(coupons)) return plan;
  await fixDraft(runtime, campaignId, plan);
  return 'correct';
};

/**
 * Takes a presale as far as its counts allow. Once the whole audience is counted, the plan is fixed, or a draft of it if it needs
 * a correction; once the draft's coupons are counted, the corrected plan is fixed. Every worker that finds a count complete does
 * this, with the same result. Returns the pass that can begin or has begun; undefined while the first count is not complete.
 */
export const fixPlanWhenCounted = async (
  runtime: Runtime,
  presale: Presale,
  segments: number,
): Promise<Exclude<Pass, 'plan'> | undefined> => {
  const { campaignId } = presale;
  let plan: PresalePlan | 'correct' | undefined = await readPlan(runtime, campaignId);
  if (plan === undefined) {
    plan = await planOfCounts(runtime, presale, segments);
    if (plan === undefined || plan === 'correct') return plan;
    await fixPlan(runtime, campaignId, plan);
  }
  // Writes nothing if there are prices already, because they may have changed since.
  await writePrices(runtime, campaignId, plan.opening, 0);
  return 'issue';
};
