import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { applySwitch, switchOfEvent } from '#domain/campaigns/issuing-switch.ts';
import type { Reject } from '#domain/intake/rejects.ts';
import { type CampaignSwitched, rejection } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Received, rejectOfReceived } from './received.ts';
import { resumeIssuing } from './start-issuing.ts';

/** How often the event of an unknown campaign is received before it is refused, which takes half a minute. */
const RECEIVES_MAX = 6;

/** What becomes of an event that pauses or resumes a campaign. */
export type Switched =
  /** It stands, or a later one stood already. */
  | { kind: 'switched'; stands: boolean }
  | { kind: 'waits'; cause: Error }
  | { kind: 'refused'; reject: Reject };

/**
 * Pauses or resumes a campaign, even while it is being opened. When a campaign is resumed, its presale continues. The event of
 * an unknown campaign is tried again later, because the opening may have been sent at the same time.
 */
export const switchCampaign = async (
  runtime: Runtime,
  event: CampaignSwitched,
  received: Received,
): Promise<Switched> => {
  const { campaignId } = event.data;
  if ((await readDefinition(runtime, campaignId)) === undefined) {
    const cause = rejection(
      'no-open-campaign',
      'data.campaignId',
      'the id of a campaign that was opened',
      campaignId,
    );
    if (Number(received.attributes.ApproximateReceiveCount) < RECEIVES_MAX)
      return { kind: 'waits', cause: new Error(`${cause.message}; it is asked for again`) };
    return { kind: 'refused', reject: rejectOfReceived(cause, event, received) };
  }
  const given = switchOfEvent(event);
  const stands = await applySwitch(runtime, campaignId, given);
  if (stands && !given.isPaused) await resumeIssuing(runtime, campaignId);
  return { kind: 'switched', stands };
};
