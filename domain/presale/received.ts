import { type Reject, rejectOf } from '#domain/intake/rejects.ts';
import type { CampaignClosed, CampaignSwitched, PresaleStarted, Rejection } from '#events/contract.ts';

/** The message in which an event that opens, switches or closes a campaign came. */
export type SentMessage = { messageId: string; body: string; attributes: { SentTimestamp: string } };

/** Such a message, with how often its queue has delivered it. */
export type Received = SentMessage & { attributes: { ApproximateReceiveCount: string } };

/** The reject of the one event that such a message holds. */
export const rejectOfReceived = (
  cause: Rejection,
  event: PresaleStarted | CampaignSwitched | CampaignClosed,
  { messageId, body, attributes }: SentMessage,
): Reject => rejectOf(cause, event, { body, place: messageId, sentMs: Number(attributes.SentTimestamp) });
