/** Continues a pass of a presale over a segment of its audience. */
import { readStoredDefinition } from '#domain/campaigns/campaigns-table.ts';
import { readDecidingModel } from '#domain/coupons/deciding-model.ts';
import { couponIdKey } from '#domain/grants/coupon-key.ts';
import { sendMetrics } from '#domain/grants/grant-events.ts';
import { campaignSettings } from '#events/campaign.ts';
import { sendAll } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';
import { countGiven } from './correct-pass.ts';
import { fixPlanWhenCounted } from './fix-plan.ts';
import { issueSegment } from './issue-pass.ts';
import { issuesInPresale } from './issued.ts';
import { readDraft, readPlan } from './plan-item.ts';
import { countSegment, readCounted } from './plan-pass.ts';
import type { AudienceMessage, Pass, PresaleSegment, Segment } from './segment.ts';
import { segmentEvents } from './segment-report.ts';
import { noteSegmentDone } from './segments.ts';
import { startPassOnce } from './start-pass.ts';

export const sendSegmentMessages = (
  runtime: Runtime,
  messages: readonly { message: AudienceMessage }[],
): Promise<void> => sendAll(runtime, runtime.environment('AUDIENCE_QUEUE_URL'), messages);

/** How far a pass over a segment came: to its end, to the deadline, or to a pause or the closing of the campaign. */
export type PassState = 'done' | 'late' | 'paused';

/**
 * Continues a pass over a segment until its end or the deadline, in ms since the epoch. If the campaign is paused or
 * closed, the issue pass stops; it continues when an event resumes a paused campaign.
 */
export const advanceSegment = async (
  runtime: Runtime,
  { pass, segment }: { pass: Pass; segment: Segment },
  deadlineMs: number,
): Promise<PassState> => {
  const { campaignId } = segment;
  const stored = await readStoredDefinition(runtime, campaignId);
  const coupons = stored?.definition.coupons;
  if (stored === undefined || coupons === undefined)
    throw new Error(`campaign ${campaignId}: no coupons to plan`);
  const settings = campaignSettings(stored.definition);
  const { startsAtMs, endsAtMs } = settings;
  // A learned model stays the same until the presale has issued everything.
  const model = await readDecidingModel(runtime, campaignId, coupons);
  const idKey = await couponIdKey(runtime, stored);
  const { traceparent } = stored;
  const presale = { campaignId, startsAtMs, endsAtMs, coupons, model, idKey, traceparent };
  const of = { presale, settings, segment };
  switch (pass) {
    case 'plan':
      return countPass(runtime, of, deadlineMs);
    case 'correct':
      return correctPass(runtime, of, deadlineMs);
    case 'issue':
      return issuePass(runtime, of, deadlineMs);
    default:
      return pass satisfies never;
  }
};

/**
 * Publishes the metrics of a pass over a segment, and then notes that the pass is done. The message that asked for the pass is
 * acknowledged only afterwards, so both steps are repeated after a crash.
 */
const finishPass = async (runtime: Runtime, of: PresaleSegment, pass: Pass): Promise<void> => {
  const { presale, settings, segment } = of;
  const [counted] = await readCounted(runtime, presale, [segment]);
  const events = segmentEvents(of, pass, counted!);
  await sendMetrics(
    runtime,
    events.map((event) => ({ settings, event })),
    runtime.clock.nowMs(),
  );
  await noteSegmentDone(runtime, segment, pass);
};

const issuePass = async (runtime: Runtime, of: PresaleSegment, deadlineMs: number): Promise<PassState> => {
  const { presale } = of;
  const plan = await readPlan(runtime, presale.campaignId);
  if (plan === undefined) throw new Error(`campaign ${presale.campaignId}: no plan to issue by`);
  const state = await issueSegment(runtime, of, plan, deadlineMs);
  if (state === 'done') await finishPass(runtime, of, 'issue');
  return state;
};

/**
 * Finishes a count of a segment, and starts the next pass once all segments are counted. A presale without money has no issue
 * pass.
 */
const finishCount = async (
  runtime: Runtime,
  of: PresaleSegment,
  pass: 'plan' | 'correct',
  state: 'done' | 'late',
): Promise<PassState> => {
  if (state === 'late') return state;
  const { presale, segment } = of;
  const { campaignId, coupons } = presale;
  await finishPass(runtime, of, pass);
  const next = await fixPlanWhenCounted(runtime, presale, segment.segments);
  if (next === 'correct' || (next === 'issue' && issuesInPresale(coupons)))
    await startPassOnce(runtime, campaignId, segment.segments, next);
  return state;
};

const countPass = async (runtime: Runtime, of: PresaleSegment, deadlineMs: number): Promise<PassState> =>
  finishCount(runtime, of, 'plan', await countSegment(runtime, of.presale, of.segment, deadlineMs));

const correctPass = async (runtime: Runtime, of: PresaleSegment, deadlineMs: number): Promise<PassState> => {
  const { campaignId } = of.presale;
  const draft = await readDraft(runtime, campaignId);
  if (draft === undefined) throw new Error(`campaign ${campaignId}: no draft to correct`);
  return finishCount(runtime, of, 'correct', await countGiven(runtime, of, draft, deadlineMs));
};
