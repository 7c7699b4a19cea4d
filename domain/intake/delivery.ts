import type { SQSRecord } from 'aws-lambda';

/**
 * The queues that intake works off: orders come by `events`, what opens a campaign or changes a member by `control`. To
 * `waiting` only intake can send: what is in it says itself when it was first sent.
 */
export type Door = 'events' | 'control' | 'waiting';

/** A message as it came in. */
export type Delivery = {
  messageId: string;
  door: Door;
  body: string;
  /** When the queue took its message, or that of its first delivery; ms since the epoch. */
  sentMs: number;
  /** Who sent it, as SQS says (`SenderId`): a user's id, or a role's id, a colon, and the session's name. */
  sender: string;
  /** The orders that have waited. */
  waited?: readonly unknown[];
};

/** A message of orders that wait for their campaign. */
export type WaitingMessage = { firstSentMs: number; events: readonly unknown[] };

/** The last part of a queue's URL and of its ARN is its name. */
const nameOf = (address: string): string =>
  address.slice(Math.max(address.lastIndexOf('/'), address.lastIndexOf(':')) + 1);

/** Reads a message. Of a producer's message only the body counts, and what SQS says itself: an attribute may say anything. */
export const toDelivery = (
  { messageId, body, attributes, eventSourceARN }: SQSRecord,
  urls: { control: string; waiting: string },
): Delivery => {
  const queue = nameOf(eventSourceARN);
  const delivery = { messageId, body, sender: attributes.SenderId };
  if (queue !== nameOf(urls.waiting)) {
    const door = queue === nameOf(urls.control) ? 'control' : 'events';
    return { ...delivery, door, sentMs: Number(attributes.SentTimestamp) };
  }
  const { firstSentMs, events } = JSON.parse(body) as WaitingMessage;
  return { ...delivery, door: 'waiting', sentMs: firstSentMs, waited: events };
};
