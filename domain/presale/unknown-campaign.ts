/** Lets a command for an unknown campaign wait, and refuses it in the end. */
import type { Reject } from '#domain/intake/rejects.ts';
import { type CampaignCommand, rejection } from '#events/contract.ts';
import { type Received, rejectOfReceived } from './received.ts';

/** A command for an unknown campaign is refused at this delivery, which comes half a minute or more after the first one. */
const RECEIVES_MAX = 6;

export type CommandOutcome = { kind: 'waits'; cause: Error } | { kind: 'refused'; reject: Reject };

/**
 * The outcome of a command for an unknown campaign. The command is delivered again, because the event that opens the campaign
 * may have been sent at the same time.
 */
export const unknownCampaign = (event: CampaignCommand, received: Received): CommandOutcome => {
  const cause = rejection(
    'no-open-campaign',
    'data.campaignId',
    'the id of a campaign that was opened',
    event.data.campaignId,
  );
  if (Number(received.attributes.ApproximateReceiveCount) < RECEIVES_MAX)
    return { kind: 'waits', cause: new Error(`${cause.message}; the command is tried again later`) };
  return { kind: 'refused', reject: rejectOfReceived(cause, event, received) };
};
