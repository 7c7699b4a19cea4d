/** Decides whether an event may come by its queue, from its sender and at its size. */
import { DEFINITION_BYTES_MAX, definitionBytes } from '#domain/campaigns/campaigns-table.ts';
import { EVENT_QUEUES, type PipelineEvent, type Rejection, rejection } from '#events/contract.ts';
import { MAX_BODY_BYTES, toBody } from '#platform/queue.ts';
import type { Delivery } from './delivery.ts';

/**
 * Who may send a source's events. A key is the beginning of a source, its values are the beginnings of the allowed sender ids
 * (`SenderId`). A source without an entry may come from anybody who may send to the queue.
 */
export type Senders = Readonly<Record<string, readonly string[]>>;

const QUEUES = {
  control: 'the control queue (ControlQueueUrl)',
  events: 'the events queue (EventsQueueUrl)',
};

/** The allowed senders under the longest key that the source begins with; undefined if it begins with no key. */
const sendersOf = (source: string, senders: Senders): readonly string[] | undefined => {
  const prefixes = Object.keys(senders).filter((prefix) => source.startsWith(prefix));
  const longest = prefixes.reduce<string | undefined>(
    (best, prefix) => (best === undefined || prefix.length > best.length ? prefix : best),
    undefined,
  );
  return longest === undefined ? undefined : senders[longest];
};

/** Why an event may not come in by this delivery; undefined if it may. */
export const refusalOf = (
  event: PipelineEvent,
  { door, sender }: Delivery,
  senders: Senders,
): Rejection | undefined => {
  // A waiting event was admitted at its first delivery.
  if (door === 'waiting') return undefined;
  const right = EVENT_QUEUES[event.type];
  if (door !== right) return rejection('wrong-queue', 'type', `a message to ${QUEUES[right]}`, event.type);
  const allowed = sendersOf(event.source, senders);
  if (allowed !== undefined && !allowed.some((prefix) => sender.startsWith(prefix)))
    return rejection('wrong-sender', 'source', 'a source that this sender may use', event.source);
  if (event.type !== 'presale.started') return undefined;
  const bodyBytes = Buffer.byteLength(toBody(event));
  if (bodyBytes > MAX_BODY_BYTES)
    return rejection('too-large', 'data', `a presale.started of at most ${MAX_BODY_BYTES} bytes`, bodyBytes);
  const bytes = definitionBytes(event.data);
  if (bytes > DEFINITION_BYTES_MAX)
    return rejection('too-large', 'data', `at most ${DEFINITION_BYTES_MAX} bytes, compressed`, bytes);
  return undefined;
};
