/** Events about whole campaigns as the presale function receives them. */
import { type Reject, rejectOf } from '#domain/intake/rejects.ts';
import type { CampaignCommand, PresaleStarted, Rejection } from '#events/contract.ts';

/** The message in which an event about a whole campaign came. */
export type SentMessage = { messageId: string; body: string; attributes: { SentTimestamp: string } };

/** Such a message, with the number of times that its queue has delivered it. */
export type Received = SentMessage & { attributes: { ApproximateReceiveCount: string } };

/** The reject to send for the one event that such a message holds. */
export const rejectOfReceived = (
  cause: Rejection,
  event: PresaleStarted | CampaignCommand,
  { messageId, body, attributes }: SentMessage,
): Reject => rejectOf(cause, event, { body, place: messageId, sentMs: Number(attributes.SentTimestamp) });
