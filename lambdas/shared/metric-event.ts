import type { CampaignSettings } from '#events/contract.ts';

/**
 * What the metrics count: one happening in one campaign. An order is one, a decision will be one too.
 *
 * `label` says what happened, most general word first (`paid/far`, `refunded/near`); its first word names the sketch
 * in which the member is counted. `brand` and `member` are empty where the happening concerns none.
 */
export type MetricEvent = {
  /** 96 bits as 16 base64url characters, see `eventIdOf`. */
  id: string;
  timeMs: number;
  label: string;
  brand: string;
  amountFen: number;
  member: string;
};

export const PAID = 'paid';
export const REFUNDED = 'refunded';

/** A message on the metrics queue: the settings travel along, so that counting never reads the campaign's definition. */
export type MetricsMessage = { settings: CampaignSettings; events: MetricEventTuple[] };

/** A metric event as a JSON array, which is a third of the bytes of the object. */
export type MetricEventTuple = [
  id: string,
  timeMs: number,
  label: string,
  brand: string,
  amountFen: number,
  member: string,
];

export const toTuple = (event: MetricEvent): MetricEventTuple => [
  event.id,
  event.timeMs,
  event.label,
  event.brand,
  event.amountFen,
  event.member,
];

export const fromTuple = ([id, timeMs, label, brand, amountFen, member]: MetricEventTuple): MetricEvent => ({
  id,
  timeMs,
  label,
  brand,
  amountFen,
  member,
});
