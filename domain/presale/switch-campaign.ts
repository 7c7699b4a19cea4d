import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { applySwitch, switchOfEvent } from '#domain/campaigns/issuing-switch.ts';
import { type Reject, rejectOf } from '#domain/intake/rejects.ts';
import { type CampaignSwitched, rejection } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Received } from './received.ts';
import { resumeIssuing } from './start-issuing.ts';

/** How often a pause comes back for a campaign that is not there: for half a minute. */
const RECEIVES_MAX = 6;

/** What becomes of an event that pauses or resumes a campaign. */
export type Switched =
  /** It stands, or a later one stood already. */
  | { kind: 'switched'; stands: boolean }
  | { kind: 'waits'; cause: Error }
  | { kind: 'refused'; reject: Reject };

/**
 * Pauses or resumes a campaign, also one whose opening is under way. Where a campaign goes on, so does its presale. One of which
 * nothing is known is asked for again, because its opening may have been sent at the same time.
 */
export const switchCampaign = async (
  runtime: Runtime,
  event: CampaignSwitched,
  { messageId, body, attributes }: Received,
): Promise<Switched> => {
  const { campaignId } = event.data;
  if ((await readDefinition(runtime, campaignId)) === undefined) {
    const cause = rejection(
      'no-open-campaign',
      'data.campaignId',
      'the id of a campaign that was opened',
      campaignId,
    );
    if (Number(attributes.ApproximateReceiveCount) < RECEIVES_MAX)
      return { kind: 'waits', cause: new Error(`${cause.message}; it is asked for again`) };
    const origin = { body, place: messageId, sentMs: Number(attributes.SentTimestamp) };
    return { kind: 'refused', reject: rejectOf(cause, event, origin) };
  }
  const given = switchOfEvent(event);
  const stands = await applySwitch(runtime, campaignId, given);
  if (stands && !given.isPaused) await resumeIssuing(runtime, campaignId);
  return { kind: 'switched', stands };
};
