/** A campaign's free-order rules, prepared once for judging many orders. */
import {
  DEFAULT_DAY_OFFSET_MINUTES,
  type FreeOrders,
  type InstantFreeOrders,
  type SlotFreeOrders,
  slotCount,
} from '#events/sections/free-orders.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import { type DrawEntry, ENTRY_FORMAT, type EntryFormat } from './entry.ts';

const MINUTES_PER_HOUR = 60;

/** Half-open, in ms since the epoch, or in ms since local midnight. */
type Span = { fromMs: number; toMs: number };

type CommonRules = {
  campaignId: string;
  format: EntryFormat;
  startsAtMs: number;
  /** Exclusive. */
  endsAtMs: number;
  channels: ReadonlySet<string>;
  stores: ReadonlySet<string> | undefined;
  periods: readonly Span[] | undefined;
  dailyHours: readonly Span[] | undefined;
  minimumPaidFen: number;
  tiers: ReadonlySet<string> | undefined;
  blockedMembers: ReadonlySet<string>;
  dayOffsetMs: number;
  /**
   * The smallest award of an order of which nothing was refunded. When less than this is left in the budget, the draw of a slot
   * ends, even if an order that was refunded in part would cost less.
   */
  smallestAwardFen: number;
};

/** Every order is drawn on its own, when it arrives. */
export type InstantRules = CommonRules & { mode: 'instant'; definition: InstantFreeOrders };

/** Orders are drawn a slot at a time, once the slot is closed. */
export type SlotRules = CommonRules & { mode: 'slot'; definition: SlotFreeOrders };

/** `definition` is the section on free orders of the campaign's definition, unchanged. */
export type Rules = InstantRules | SlotRules;

/** The type of the rules for a definition's mode. */
type RulesFor<Definition extends FreeOrders> = Definition extends SlotFreeOrders ? SlotRules : InstantRules;

const setOf = (list: readonly string[] | undefined) => (list === undefined ? undefined : new Set(list));

const clockMs = (text: string): number => {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours! * MINUTES_PER_HOUR + minutes!) * MINUTE_MS;
};

/** Hours that go past midnight are two spans, so that a check is always `from <= time < to`. */
const hoursOf = ({ from, to }: { from: string; to: string }): Span[] => {
  const span = { fromMs: clockMs(from), toMs: clockMs(to) };
  if (span.fromMs < span.toMs) return [span];
  return [
    { fromMs: span.fromMs, toMs: DAY_MS },
    { fromMs: 0, toMs: span.toMs },
  ];
};

/** What a campaign definition says about free orders; the definition must have passed its schema and rules. */
export const rulesOf = <Definition extends FreeOrders>(
  campaign: {
    campaignId: string;
    startsAt: string;
    endsAt: string;
    freeOrders: Definition;
  },
  format: EntryFormat = ENTRY_FORMAT,
): RulesFor<Definition> => {
  const definition: FreeOrders = campaign.freeOrders;
  const minimumPaidFen = definition.minimumPaidFen ?? 1;
  const common: CommonRules = {
    campaignId: campaign.campaignId,
    format,
    startsAtMs: Date.parse(campaign.startsAt),
    endsAtMs: Date.parse(campaign.endsAt),
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
  return { ...common, mode: definition.mode, definition } as RulesFor<Definition>;
};

type Money = Pick<DrawEntry, 'paidFen' | 'givenBackFen'>;

/** Whether refunds have taken back all of an order. In entry format 1, any refund does. */
export const isGivenBack = ({ format }: Rules, { paidFen, givenBackFen }: Money): boolean =>
  givenBackFen > 0 && (format === 1 || givenBackFen >= paidFen);

/** What the order costs the campaign if it wins: what was paid and not refunded, at most the cap, in fen. */
export const awardFen = (rules: Rules, order: Money): number =>
  isGivenBack(rules, order)
    ? 0
    : Math.min(order.paidFen - (rules.format === 1 ? 0 : order.givenBackFen), rules.definition.capFen);

/** The local day that a time falls on, in days since 1 January 1970, for the limit `perMemberPerDay`. */
export const dayOf = (rules: Rules, timeMs: number): number =>
  Math.floor((timeMs + rules.dayOffsetMs) / DAY_MS);

/** The local time of day, in ms since midnight. */
export const timeOfDayMs = (rules: Rules, timeMs: number): number => {
  const localMs = timeMs + rules.dayOffsetMs;
  return localMs - Math.floor(localMs / DAY_MS) * DAY_MS;
};

/** Where a slot lies, in ms since the epoch. It takes entries until it is closed, which is at `closesAtMs` at the earliest. */
export type Slot = { index: number; startsAtMs: number; endsAtMs: number; closesAtMs: number };

/** The slot of a time within the campaign. Slots are counted from the campaign's start, and the first one is 0. */
export const slotIndexOf = (rules: SlotRules, timeMs: number): number =>
  Math.floor((timeMs - rules.startsAtMs) / (rules.definition.slotSeconds * SECOND_MS));

export const slotsOf = (rules: SlotRules): number =>
  slotCount(rules.startsAtMs, rules.endsAtMs, rules.definition.slotSeconds);

/** The slot with this index, 0 to slotsOf(rules) - 1. */
export const slotAt = (rules: SlotRules, index: number): Slot => {
  const { slotSeconds, graceSeconds } = rules.definition;
  const startsAtMs = rules.startsAtMs + index * slotSeconds * SECOND_MS;
  const endsAtMs = Math.min(startsAtMs + slotSeconds * SECOND_MS, rules.endsAtMs);
  return { index, startsAtMs, endsAtMs, closesAtMs: endsAtMs + graceSeconds * SECOND_MS };
};
