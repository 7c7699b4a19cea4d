/** A campaign's free-order rules, made ready once for judging many orders. */
import { DEFAULT_DAY_OFFSET_MINUTES, type FreeOrders, slotCount } from '#events/sections/free-orders.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';

const MINUTES_PER_HOUR = 60;

/** Half-open, in ms since the epoch, or in ms since local midnight. */
type Span = { fromMs: number; toMs: number };

export type Rules = {
  campaignId: string;
  startsAtMs: number;
  /** Exclusive. */
  endsAtMs: number;
  /** As they stand in the definition. */
  definition: FreeOrders;
  channels: ReadonlySet<string>;
  stores: ReadonlySet<string> | undefined;
  periods: readonly Span[] | undefined;
  dailyHours: readonly Span[] | undefined;
  minimumPaidFen: number;
  tiers: ReadonlySet<string> | undefined;
  blockedMembers: ReadonlySet<string>;
  dayOffsetMs: number;
  /** The least that any award can be: when less is left of the budget, nothing more can be won. */
  smallestAwardFen: number;
};

const setOf = (list: readonly string[] | undefined) => (list === undefined ? undefined : new Set(list));

const clockMs = (text: string): number => {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours! * MINUTES_PER_HOUR + minutes!) * MINUTE_MS;
};

/** Hours past midnight are two spans, so that a check is always `from <= time < to`. */
const hoursOf = ({ from, to }: { from: string; to: string }): Span[] => {
  const span = { fromMs: clockMs(from), toMs: clockMs(to) };
  if (span.fromMs < span.toMs) return [span];
  return [
    { fromMs: span.fromMs, toMs: DAY_MS },
    { fromMs: 0, toMs: span.toMs },
  ];
};

/** What a campaign definition says about free orders; the definition must have passed its schema and rules. */
export const rulesOf = (campaign: {
  campaignId: string;
  startsAt: string;
  endsAt: string;
  freeOrders: FreeOrders;
}): Rules => {
  const definition = campaign.freeOrders;
  const minimumPaidFen = definition.minimumPaidFen ?? 1;
  return {
    campaignId: campaign.campaignId,
    startsAtMs: Date.parse(campaign.startsAt),
    endsAtMs: Date.parse(campaign.endsAt),
    definition,
    channels: new Set(definition.channels),
    stores: setOf(definition.stores),
    periods: definition.periods?.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) })),
    dailyHours: definition.dailyHours?.flatMap(hoursOf),
    minimumPaidFen,
    tiers: setOf(definition.tiers),
    blockedMembers: new Set(definition.blockedMembers),
    dayOffsetMs: (definition.dayOffsetMinutes ?? DEFAULT_DAY_OFFSET_MINUTES) * MINUTE_MS,
    smallestAwardFen: Math.min(definition.capFen, minimumPaidFen),
  };
};

/** What the order costs the campaign when it wins: what was paid, at most the cap, in fen. */
export const awardFen = (rules: Rules, paidFen: number): number => Math.min(paidFen, rules.definition.capFen);

/** The local day that a time falls on, in days since 1 January 1970: the day of the per-member limit. */
export const dayOf = (rules: Rules, timeMs: number): number =>
  Math.floor((timeMs + rules.dayOffsetMs) / DAY_MS);

/** The local time of day, in ms since midnight. */
export const timeOfDayMs = (rules: Rules, timeMs: number): number => {
  const localMs = timeMs + rules.dayOffsetMs;
  return localMs - Math.floor(localMs / DAY_MS) * DAY_MS;
};

/** Where a slot lies, in ms since the epoch. No entry is taken from `closesAtMs` on. */
export type Slot = { index: number; startsAtMs: number; endsAtMs: number; closesAtMs: number };

const slotRules = (rules: Rules) => {
  const { definition } = rules;
  if (definition.mode !== 'slot') throw new Error(`mode: expected "slot", got "${definition.mode}"`);
  return definition;
};

/** The slot of a time within the campaign. Slots are counted from the campaign's start, the first is 0. */
export const slotIndexOf = (rules: Rules, timeMs: number): number =>
  Math.floor((timeMs - rules.startsAtMs) / (slotRules(rules).slotSeconds * SECOND_MS));

export const slotsOf = (rules: Rules): number =>
  slotCount(rules.startsAtMs, rules.endsAtMs, slotRules(rules).slotSeconds);

/** The slot with this index, 0 to slotsOf(rules) - 1. */
export const slotAt = (rules: Rules, index: number): Slot => {
  const { slotSeconds, graceSeconds } = slotRules(rules);
  const startsAtMs = rules.startsAtMs + index * slotSeconds * SECOND_MS;
  const endsAtMs = Math.min(startsAtMs + slotSeconds * SECOND_MS, rules.endsAtMs);
  return { index, startsAtMs, endsAtMs, closesAtMs: endsAtMs + graceSeconds * SECOND_MS };
};
