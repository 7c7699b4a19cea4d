import { isListed } from '#domain/campaigns/campaigns-table.ts';
import { EXTENSION_LEAD_MS, readCampaign } from '#domain/campaigns/extension.ts';
import { extensibleUntil } from '#domain/presale/extend-campaign.ts';
import { formatTime, plannedEndOf } from '#events/contract.ts';
import { InputError } from '#local/console/input-error.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import { sendCommand, unknownCampaign } from './campaigns.ts';
import { untilHolds } from './send-events.ts';
import type { Target } from './target.ts';

export type Extended = {
  campaignId: string;
  /** The present end. */
  endsAt: string;
  /** The end before this command. */
  formerlyEndedAt: string;
  /** When the campaign's draw of free orders ends; left out if the campaign has none. */
  freeOrdersEndAt?: string;
  /** Whether the campaign ends at the time that was asked for or later; false if it does not yet after half a minute. */
  isInEffect: boolean;
  /** From sending the event to its effect, or to the end of the wait, in ms. */
  tookMs: number;
};

/**
 * Moves a campaign's end to a later time, in ms since the epoch, and waits, for half a minute at most, until the new end is
 * stored. Throws an InputError if there is no such campaign, or if it cannot be extended to this time.
 */
export const extendCampaign = async (target: Target, campaignId: string, toMs: number): Promise<Extended> => {
  const { runtime } = target;
  const campaign = await readCampaign(runtime, campaignId);
  if (campaign === undefined || !(await isListed(runtime, campaignId))) throw unknownCampaign(campaignId);
  const { settings, definition } = campaign;
  const sentMs = runtime.clock.nowMs();
  const untilMs = extensibleUntil(definition);
  const given = `got ${formatTime(toMs)}`;
  if (toMs <= settings.endsAtMs || toMs > untilMs)
    throw new InputError(
      `TIME: expected a time after ${formatTime(settings.endsAtMs)}, and no later than ${formatTime(untilMs)}, ${given}`,
    );
  if (sentMs + EXTENSION_LEAD_MS > settings.endsAtMs)
    throw new InputError(
      `campaign ${campaignId}: expected one that ends in ${EXTENSION_LEAD_MS / MINUTE_MS} minutes or later, got one that ends at ${formatTime(settings.endsAtMs)}; open another campaign that begins then`,
    );
  await sendCommand(target, 'campaign.extended', { campaignId, endsAt: formatTime(toMs) }, sentMs);
  let { endsAtMs } = settings;
  const isInEffect = await untilHolds(target, async () => {
    ({ endsAtMs } = (await readCampaign(runtime, campaignId))!.settings);
    return endsAtMs >= toMs;
  });
  return {
    campaignId,
    endsAt: formatTime(endsAtMs),
    formerlyEndedAt: formatTime(settings.endsAtMs),
    ...(definition.freeOrders && { freeOrdersEndAt: formatTime(plannedEndOf(settings)) }),
    isInEffect,
    tookMs: runtime.clock.nowMs() - sentMs,
  };
};
