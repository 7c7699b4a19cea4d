import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { sendMetrics } from '#domain/grants/grant-events.ts';
import type { Presale } from '#domain/presale/consider.ts';
import { issueSegment } from '#domain/presale/issue-pass.ts';
import { readPlan } from '#domain/presale/plan-item.ts';
import { countSegment, fixPlanWhenCounted, readCounted } from '#domain/presale/plan-pass.ts';
import { type AudienceMessage, type Pass, type Segment, startMessages } from '#domain/presale/segment.ts';
import { segmentEvents } from '#domain/presale/segment-report.ts';
import { type CampaignSettings, campaignSettings } from '#events/campaign.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';
import { environment } from '#platform/environment.ts';
import { sendAll } from '#platform/queue.ts';

/**
 * How long an invocation works on a segment before it hands over to the next one. Short against the function's timeout, so
 * that the page under way can be finished; and what a dead worker leaves is known again after six timeouts only.
 */
export const SLICE_MS = 20_000;

/** Goes on with a pass over segments of an audience, each from where it was left. */
export const handler = batchHandler(async (records, fail) => {
  for (const [record, message] of parseBodies<AudienceMessage>(records, fail)) {
    try {
      if ((await goOn(message, Date.now() + SLICE_MS)) === 'paused') await send([{ message }]);
    } catch (cause) {
      fail(record, cause);
    }
  }
});

const send = (messages: { message: AudienceMessage }[]): Promise<void> =>
  sendAll(environment('AUDIENCE_QUEUE_URL'), messages);

const goOn = async ({ pass, segment }: AudienceMessage, deadlineMs: number): Promise<'done' | 'paused'> => {
  const { campaignId } = segment;
  const definition = await readDefinition(campaignId);
  if (definition?.coupons === undefined) throw new Error(`campaign ${campaignId}: no coupons to plan`);
  const settings = campaignSettings(definition);
  const presale = { campaignId, startsAtMs: settings.startsAtMs, coupons: definition.coupons };
  switch (pass) {
    case 'plan':
      return count(presale, settings, segment, deadlineMs);
    case 'issue': {
      const plan = await readPlan(campaignId);
      if (plan === undefined) throw new Error(`campaign ${campaignId}: no plan to issue by`);
      const state = await issueSegment(presale, settings, plan, segment, deadlineMs);
      if (state === 'done') await tell(presale, settings, segment, pass);
      return state;
    }
    default:
      return pass satisfies never;
  }
};

/** Tells the metrics of a pass over a segment. Its message is done with only afterwards, so a death makes it told again. */
const tell = async (
  presale: Presale,
  settings: CampaignSettings,
  segment: Segment,
  pass: Pass,
): Promise<void> => {
  const counted = await readCounted(presale, segment);
  if (counted === undefined) throw new Error(`segment ${segment.index}: expected to be counted`);
  const events = segmentEvents(settings, presale.coupons, segment, pass, counted);
  await sendMetrics(
    events.map((event) => ({ settings, event })),
    Date.now(),
  );
};

/** Counts a segment, and starts the second pass when it was the last one. */
const count = async (
  presale: Presale,
  settings: CampaignSettings,
  segment: Segment,
  deadlineMs: number,
): Promise<'done' | 'paused'> => {
  const { campaignId, coupons } = presale;
  const state = await countSegment(presale, segment, deadlineMs);
  if (state === 'done') await tell(presale, settings, segment, 'plan');
  if (state === 'done' && (await fixPlanWhenCounted(presale, segment.segments))) {
    const hasPresale = coupons.budgets.some(({ presaleShare }) => presaleShare > 0);
    if (hasPresale) await send(startMessages(campaignId, segment.segments, 'issue'));
  }
  return state;
};
