import { type CouponMessage, type MemberEvent, toMemberTuple } from '#domain/members/member-event.ts';
import { type MetricEvent, type MetricsMessage, toTuple } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';

/** Events per message: SQS and Lambda charge per message, so events travel packed. */
export const MAX_EVENTS_PER_MESSAGE = 100;
/** Keeps a batch of 100 messages within the 6 MB of an invocation's payload. */
export const MAX_EVENT_BYTES_PER_MESSAGE = 48_000;

/** Packs tuples into messages, each of one group; `create` makes an empty message of a group. */
const pack = <Tuple, Message extends { events: Tuple[] }>(
  routed: Iterable<{ group: string; tuple: Tuple; create: () => Message }>,
): Message[] => {
  const open = new Map<string, { message: Message; bytes: number }>();
  const messages: Message[] = [];
  for (const { group, tuple, create } of routed) {
    const bytes = Buffer.byteLength(JSON.stringify(tuple));
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
    current.message.events.push(tuple);
    current.bytes += bytes;
  }
  return messages;
};

/** Packs routed events into messages, each of one campaign. */
export const packMetrics = (
  routed: readonly { settings: CampaignSettings; event: MetricEvent }[],
): MetricsMessage[] =>
  pack(
    routed.map(({ settings, event }) => ({
      group: settings.campaignId,
      tuple: toTuple(event),
      create: (): MetricsMessage => ({ settings, events: [] }),
    })),
  );

/** Packs member events into messages, each of events that belong to the same campaigns. */
export const packMemberEvents = (
  routed: readonly { campaigns: string[]; event: MemberEvent }[],
): CouponMessage[] =>
  pack(
    routed.map(({ campaigns, event }) => ({
      group: campaigns.join(),
      tuple: toMemberTuple(event),
      create: (): CouponMessage => ({ campaigns, events: [] }),
    })),
  );
