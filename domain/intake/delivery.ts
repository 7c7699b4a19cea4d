import type { SQSRecord } from 'aws-lambda';

/**
 * The queues that intake reads. Orders and refunds come by `events`; events about campaigns and members come by `control`. Only
 * intake can send to `waiting`, so the time of first sending in its messages can be trusted.
 */
export type Door = 'events' | 'control' | 'waiting';

/** A message as it came in. */
export type Delivery = {
  messageId: string;
  door: Door;
  body: string;
  /**
   * When the queue received the message, in ms since the epoch. For orders that have waited: when their first
   * message was received.
   */
  sentMs: number;
  /** Who sent it according to SQS (`SenderId`): a user's id, or a role's id, a colon and the session's name. */
  sender: string;
  /** The orders that have waited. */
  waited?: readonly unknown[];
};

/** A message of orders that wait for their campaign. */
export type WaitingMessage = { firstSentMs: number; events: readonly unknown[] };

/** The last part of a queue's URL and of its ARN is its name. */
const nameOf = (address: string): string =>
  address.slice(Math.max(address.lastIndexOf('/'), address.lastIndexOf(':')) + 1);

/**
 * Reads a message. From a producer, only the body and what SQS itself states are used: the producer can set any message
 * attribute.
 */
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
