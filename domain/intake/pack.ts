/** Packs routed events into messages. */
import { type CouponMessage, type MemberEvent, toMemberTuple } from '#domain/members/member-event.ts';
import { type MetricEvent, type MetricsMessage, toTuple } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { OutgoingMessage } from '#platform/queue.ts';
import { onlyTrace } from '#platform/traces.ts';

/** The most events in a message. Fewer messages cost less: SQS charges for each call, and a batch holds only so many messages. */
export const MAX_EVENTS_PER_MESSAGE = 100;
/** Keeps a batch of 100 messages within the 6 MB of an invocation's payload. */
export const MAX_EVENT_BYTES_PER_MESSAGE = 48_000;

/** An event to be packed: its group, its size, how to make an empty message, and how to add the event to a message. */
type Item<Message> = {
  group: string;
  bytes: number;
  create: () => Message;
  addTo: (message: Message) => void;
};

const bytesOf = (tuple: unknown): number => Buffer.byteLength(JSON.stringify(tuple));

/** Packs items into messages. A message holds items of one group only. */
const pack = <Message extends { events: unknown[] }>(items: Iterable<Item<Message>>): Message[] => {
  const open = new Map<string, { message: Message; bytes: number }>();
  const messages: Message[] = [];
  for (const { group, bytes, create, addTo } of items) {
    let current = open.get(group);
    if (
      current === undefined ||
      current.message.events.length === MAX_EVENTS_PER_MESSAGE ||
      current.bytes + bytes > MAX_EVENT_BYTES_PER_MESSAGE
    ) {
      current = { message: create(), bytes: 0 };
      open.set(group, current);
      messages.push(current.message);
    }
    addTo(current.message);
    current.bytes += bytes;
  }
  return messages;
};

/** Packs routed events into messages. A message holds events of one campaign only. */
export const packMetrics = (
  routed: readonly { settings: CampaignSettings; event: MetricEvent & { sentMs: number } }[],
): Required<MetricsMessage>[] =>
  pack(
    routed.map(({ settings, event }): Item<Required<MetricsMessage>> => {
      const tuple = toTuple(event);
      const after = event.sentMs - event.timeMs;
      return {
        group: settings.campaignId,
        bytes: bytesOf([tuple, after]),
        create: () => ({ settings, events: [], sentAfterMs: [] }),
        addTo: ({ events, sentAfterMs }) => {
          events.push(tuple);
          sentAfterMs.push(after);
        },
      };
    }),
  );

/** Adds the trace of the event that is added to the message next. Earlier events of the message may have none. */
const addTrace = (message: CouponMessage, traceparent: string): void => {
  message.traceparents ??= [];
  while (message.traceparents.length < message.events.length) message.traceparents.push('');
  message.traceparents.push(traceparent);
};

/** Packs member events into messages. All events of a message belong to the same campaigns. */
export const packMemberEvents = (
  routed: readonly { campaigns: string[]; event: MemberEvent }[],
): CouponMessage[] =>
  pack(
    routed.map(({ campaigns, event }): Item<CouponMessage> => {
      const tuple = toMemberTuple(event);
      return {
        group: campaigns.join(),
        bytes: bytesOf([tuple, event.traceparent]),
        create: () => ({ campaigns, events: [] }),
        addTo: (message) => {
          if (event.traceparent !== undefined) addTrace(message, event.traceparent);
          message.events.push(tuple);
        },
      };
    }),
  );

/** The messages that carry packed member events. If a message's events have only one trace, it is the message's attribute too. */
export const memberMessages = (...given: Parameters<typeof packMemberEvents>): OutgoingMessage[] =>
  packMemberEvents(...given).map((message) => ({
    message,
    traceparent: onlyTrace((message.traceparents ?? []).filter((one) => one !== '')),
  }));
