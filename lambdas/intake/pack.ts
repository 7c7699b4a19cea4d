import type { CampaignSettings } from '#events/contract.ts';
import {
  type MetricEvent,
  type MetricEventTuple,
  type MetricsMessage,
  toTuple,
} from '#lambdas/shared/metric-event.ts';

/** Events a message: the work of a batch is paid by the message, so they travel packed. */
export const MAX_EVENTS_PER_MESSAGE = 100;
/** Keeps a batch of 100 messages within the 6 MB that an invocation's payload may have. */
export const MAX_EVENT_BYTES_PER_MESSAGE = 48_000;

/** Packs routed events into messages, each of one campaign. */
export const packMetrics = (
  routed: readonly { settings: CampaignSettings; event: MetricEvent }[],
): MetricsMessage[] => {
  const open = new Map<string, { message: MetricsMessage; bytes: number }>();
  const messages: MetricsMessage[] = [];
  for (const { settings, event } of routed) {
    const tuple: MetricEventTuple = toTuple(event);
    const bytes = Buffer.byteLength(JSON.stringify(tuple));
    let current = open.get(settings.campaignId);
    if (
      current === undefined ||
      current.message.events.length === MAX_EVENTS_PER_MESSAGE ||
      current.bytes + bytes > MAX_EVENT_BYTES_PER_MESSAGE
    ) {
      current = { message: { settings, events: [] }, bytes: 0 };
      open.set(settings.campaignId, current);
      messages.push(current.message);
    }
    current.message.events.push(tuple);
    current.bytes += bytes;
  }
  return messages;
};
