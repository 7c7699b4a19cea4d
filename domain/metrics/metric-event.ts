import type { CampaignSettings } from '#events/contract.ts';
import { contributionOf } from './hyperloglog.ts';

/**
 * What the metrics count: an occurrence in one campaign, such as an order or a decision, or many of them in one event.
 *
 * `label` says what happened, most general word first (`paid/far`, `refunded/near`); its first word names the sketch in which
 * the member is counted. `brand` and `member` are empty if it concerns none.
 */
export type MetricEvent = {
  /** 96 bits as 16 base64url characters, see `eventIdOf`. */
  id: string;
  timeMs: number;
  label: string;
  brand: string;
  amountFen: number;
  member: string;
  /** How many occurrences it stands for; 1 if absent. */
  count?: number;
  /** The members of an event that stands for many, as what each adds to a sketch, in ascending order (`contributionOf`). */
  contributions?: readonly number[];
  /**
   * When the queue of incoming events received the event, in ms since the epoch. Of two contents under one id, the one that was
   * sent first counts. In a replay it is the event's place in the replayed file. Absent for what the pipeline makes itself.
   */
  sentMs?: number;
  /** The store of a near order; absent if it is of none, or not known. */
  store?: string;
};

export const PAID = 'paid';
export const REFUNDED = 'refunded';

/** The last word of the label of a coupon of the arm engine, if the model's challenger decided on it. */
export const CHALLENGER_WORD = 'challenger';

/** The arm in which an order was made, from a label such as `paid/near/control`; undefined for every other label. */
export const armOfOrder = (label: string): string | undefined => {
  if (!label.startsWith(PAID) && !label.startsWith(REFUNDED)) return undefined;
  const [head, , arm] = label.split('/');
  return head === PAID || head === REFUNDED ? arm : undefined;
};

/** A message on the metrics queue: the settings travel along, so that counting never reads the campaign's definition. */
export type MetricsMessage = {
  settings: CampaignSettings;
  events: MetricEventTuple[];
  /** By how many ms each of the events was sent later than its own time. Absent if none of them was sent by a producer. */
  sentAfterMs?: number[];
};

/** A metric event as a JSON array, which takes a third of the bytes of the object. */
export type MetricEventTuple = [
  id: string,
  timeMs: number,
  label: string,
  brand: string,
  amountFen: number,
  member: string,
  count?: number,
  contributionDifferences?: readonly number[],
  store?: string,
];

/** What a member adds to a sketch, for an event that does not list contributions. */
export const ownContributions = (member: string): readonly number[] =>
  member === '' ? [] : [contributionOf(member)];

const differencesOf = (contributions: readonly number[]): number[] =>
  contributions.map((contribution, i) => contribution - (contributions[i - 1] ?? 0));

/**
 * The fields that only some events have: events that stand for many, and orders of a store. Other events leave them out. If
 * there is a store, the fields before it are written with their usual values, so that a reader that does not know of stores
 * reads the same.
 */
const furtherOf = ({
  count = 1,
  contributions,
  member,
  store,
}: MetricEvent): [] | [number, readonly number[]] | [number, readonly number[], string] => {
  if (store !== undefined) return [count, differencesOf(contributions ?? ownContributions(member)), store];
  const given = contributions ?? [];
  return count === 1 && given.length === 0 ? [] : [count, differencesOf(given)];
};

const runningSums = (differences: readonly number[]): number[] => {
  let sum = 0;
  return differences.map((difference) => {
    sum += difference;
    return sum;
  });
};

export const toTuple = (event: MetricEvent): MetricEventTuple => [
  event.id,
  event.timeMs,
  event.label,
  event.brand,
  event.amountFen,
  event.member,
  ...furtherOf(event),
];

/** The events of a message, each with its time of sending if the message has it. */
export const metricEventsIn = ({ events, sentAfterMs }: MetricsMessage): MetricEvent[] =>
  events.map((tuple, i) => {
    const event = fromTuple(tuple);
    const after = sentAfterMs?.[i];
    return after === undefined ? event : { ...event, sentMs: event.timeMs + after };
  });

export const fromTuple = (tuple: MetricEventTuple): MetricEvent => {
  const [id, timeMs, label, brand, amountFen, member, count, differences, store] = tuple;
  return {
    id,
    timeMs,
    label,
    brand,
    amountFen,
    member,
    ...(count === undefined ? {} : { count }),
    ...(differences === undefined ? {} : { contributions: runningSums(differences) }),
    ...(store === undefined ? {} : { store }),
  };
};
