/** The free-order section of a campaign definition: who may get an order free, how it is drawn, what it may cost. */
import * as z from 'zod/mini';
import { id, integer, MAX_AMOUNT_FEN, record, time } from '../fields.ts';

/**
 * In fen, CNY 50,000: the highest prize that a prize sale drawn by lot may have (Interim Provisions on Regulating
 * Promotional Acts, SAMR order 32 of 2020, article 17).
 */
export const MAX_CAP_FEN = 5_000_000;

/** In fen, CNY 1 tn: far above any budget, and a sum of awards up to it is exact in a double. */
export const MAX_FREE_ORDER_BUDGET_FEN = 100_000_000_000_000;

/** In wins: a ledger of this many winners of one campaign still fits in a function's memory. */
export const MAX_QUOTA = 1_000_000;

/** The largest denominator of the odds. The threshold on a 64-bit ticket is then exact to 1 in 10^10 of the odds. */
export const MAX_ODDS_DENOMINATOR = 1_000_000_000;

/** In seconds: publishing the root of a shorter slot would take longer than the slot itself. */
export const MIN_SLOT_SECONDS = 10;
/** In seconds, a week. */
export const MAX_SLOT_SECONDS = 604_800;
/** Slots are drawn one after another, so with too many of them the drawing would fall behind. */
export const MAX_SLOTS = 20_000;
/** In seconds, a day: how long a slot may wait for late orders before it is closed. */
export const MAX_GRACE_SECONDS = 86_400;

/** In seconds: time for others to see a slot's root before the beacon's round for that slot exists. */
export const MIN_BEACON_DELAY_SECONDS = 10;
/** In seconds, an hour. */
export const MAX_BEACON_DELAY_SECONDS = 3_600;

/** A definition is one item of at most 400 KB; these two lists together take 320 KB of it at 80 bytes an id. */
export const MAX_STORES = 2_000;
export const MAX_BLOCKED_MEMBERS = 2_000;
export const MAX_TIERS = 20;
export const MAX_PERIODS = 50;
export const MAX_DAILY_HOURS = 10;

/** The most wins of one member that a limit may allow. */
export const MAX_MEMBER_WINS = 1_000;

/** In minutes: UTC-12 and UTC+14, the ends of the world's time zones. */
export const MIN_DAY_OFFSET_MINUTES = -720;
export const MAX_DAY_OFFSET_MINUTES = 840;
/** In minutes: China's day begins at 16:00 UTC. */
export const DEFAULT_DAY_OFFSET_MINUTES = 480;

/** The randomness beacons that a definition may name; the pipeline knows their keys. */
export const BEACON_CHAINS = ['quicknet'] as const;

const CLOCK_EXPECTED = 'a time of day from "00:00" to "24:00"';

const clock = z
  .string({ error: CLOCK_EXPECTED })
  .check(z.regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: CLOCK_EXPECTED }));

const listOf = <const Item extends z.core.SomeType>(item: Item, max: number, things: string) =>
  z.array(item, { error: `a list of 1 to ${max} ${things}` }).check(z.minLength(1), z.maxLength(max));

/** The limit comes from the law, not from this software, so the error says what it applies to. */
const cap = z
  .int({
    error: `an integer from 1 to ${MAX_CAP_FEN}, the most in fen that a prize drawn by lot may be worth`,
  })
  .check(z.gte(1), z.lte(MAX_CAP_FEN));

const odds = z.strictObject(
  { win: integer(1, MAX_ODDS_DENOMINATOR), in: integer(1, MAX_ODDS_DENOMINATOR) },
  { error: 'the odds, which must be public before the draw, as {"win": 1, "in": 100}' },
);

const common = {
  channels: listOf(z.enum(['far', 'near']), 2, 'channels'),
  stores: z.optional(listOf(id, MAX_STORES, 'store ids')),
  periods: z.optional(listOf(record({ from: time, to: time }), MAX_PERIODS, 'periods')),
  dailyHours: z.optional(listOf(record({ from: clock, to: clock }), MAX_DAILY_HOURS, 'daily hours')),
  minimumPaidFen: z.optional(integer(1, MAX_AMOUNT_FEN)),
  tiers: z.optional(listOf(id, MAX_TIERS, 'tiers')),
  firstOrderOnly: z.optional(z.boolean({ error: 'true or false' })),
  perMemberPerDay: z.optional(integer(1, MAX_MEMBER_WINS)),
  perMember: z.optional(integer(1, MAX_MEMBER_WINS)),
  blockedMembers: z.optional(listOf(id, MAX_BLOCKED_MEMBERS, 'member ids')),
  dayOffsetMinutes: z.optional(integer(MIN_DAY_OFFSET_MINUTES, MAX_DAY_OFFSET_MINUTES)),
  capFen: cap,
  quota: integer(1, MAX_QUOTA),
  budgetFen: integer(1, MAX_FREE_ORDER_BUDGET_FEN),
};

const instant = record({
  mode: z.literal('instant'),
  odds,
  ...common,
});

const slot = record({
  mode: z.literal('slot'),
  slotSeconds: integer(MIN_SLOT_SECONDS, MAX_SLOT_SECONDS),
  prizes: integer(1, MAX_QUOTA),
  graceSeconds: integer(0, MAX_GRACE_SECONDS),
  beacon: record({
    chain: z.enum(BEACON_CHAINS),
    delaySeconds: z.optional(integer(MIN_BEACON_DELAY_SECONDS, MAX_BEACON_DELAY_SECONDS)),
    recordedRound: z.optional(integer(1, Number.MAX_SAFE_INTEGER)),
  }),
  ...common,
});

/**
 * Odds (instant) or the number of prizes (slot) and the cap on an award are required fields: a prize sale whose odds
 * or prizes are not public before the draw is not valid, so there is no definition without them.
 */
export const freeOrders = z.discriminatedUnion('mode', [instant, slot], { error: 'an object' });

export type FreeOrders = z.output<typeof freeOrders>;
export type InstantFreeOrders = Extract<FreeOrders, { mode: 'instant' }>;
export type SlotFreeOrders = Extract<FreeOrders, { mode: 'slot' }>;

/** What the rules below need of a definition. */
type Definition = { startsAt: string; endsAt: string; freeOrders?: FreeOrders | undefined };
type Broken = { field: string; expected: string; value: unknown };
type Check = (rules: FreeOrders, definition: Definition) => Broken | undefined;

const SECOND_MS = 1_000;

/** The number of slots of a campaign; the last one may be cut short by the campaign's end. */
export const slotCount = (startsAtMs: number, endsAtMs: number, slotSeconds: number): number => {
  return Math.ceil((endsAtMs - startsAtMs) / (slotSeconds * SECOND_MS));
};

const firstRepeated = (list: readonly string[] | undefined): number => {
  const seen = new Set<string>();
  return (list ?? []).findIndex((item) => seen.size === seen.add(item).size);
};

const noRepeats =
  (field: 'channels' | 'stores' | 'tiers' | 'blockedMembers'): Check =>
  (rules) => {
    const index = firstRepeated(rules[field]);
    if (index < 0) return undefined;
    return { field: `${field}[${index}]`, expected: 'no repetition', value: rules[field]?.[index] };
  };

const CHECKS: readonly Check[] = [
  noRepeats('channels'),
  noRepeats('stores'),
  noRepeats('tiers'),
  noRepeats('blockedMembers'),
  (rules) =>
    rules.stores === undefined || (rules.channels.length === 1 && rules.channels[0] === 'near')
      ? undefined
      : {
          field: 'channels',
          expected: '["near"] where stores are listed, since a far order has no store',
          value: rules.channels,
        },
  (rules, { startsAt, endsAt }) => {
    const index = (rules.periods ?? []).findIndex(
      ({ from, to }) => from >= to || from < startsAt || to > endsAt,
    );
    if (index < 0) return undefined;
    return {
      field: `periods[${index}]`,
      expected: `"from" before "to", both within the campaign (${startsAt} to ${endsAt})`,
      value: rules.periods?.[index],
    };
  },
  (rules) => {
    const index = (rules.dailyHours ?? []).findIndex(({ from, to }) => from === to || from === '24:00');
    if (index < 0) return undefined;
    return {
      field: `dailyHours[${index}]`,
      expected: '"from" before 24:00 and other than "to"; a "to" before "from" is on the next day',
      value: rules.dailyHours?.[index],
    };
  },
  ({ perMemberPerDay, perMember }) =>
    perMemberPerDay === undefined || perMember === undefined || perMemberPerDay <= perMember
      ? undefined
      : {
          field: 'perMemberPerDay',
          expected: `an integer from 1 to perMember (${perMember})`,
          value: perMemberPerDay,
        },
  ({ budgetFen, capFen }) =>
    budgetFen >= capFen
      ? undefined
      : {
          field: 'budgetFen',
          expected: `at least one award at the cap (capFen ${capFen})`,
          value: budgetFen,
        },
  (rules) =>
    rules.mode === 'slot' || rules.odds.win <= rules.odds.in
      ? undefined
      : {
          field: 'odds.win',
          expected: `an integer from 1 to odds.in (${rules.odds.in})`,
          value: rules.odds.win,
        },
  (rules) =>
    rules.mode === 'instant' || rules.prizes <= rules.quota
      ? undefined
      : { field: 'prizes', expected: `an integer from 1 to quota (${rules.quota})`, value: rules.prizes },
  (rules) =>
    rules.mode === 'instant' ||
    (rules.beacon.delaySeconds === undefined) !== (rules.beacon.recordedRound === undefined)
      ? undefined
      : {
          field: 'beacon',
          expected: 'either delaySeconds (a future round) or recordedRound (a past round, for trials)',
          value: rules.beacon,
        },
  (rules, { startsAt, endsAt }) => {
    if (rules.mode === 'instant') return undefined;
    const slots = slotCount(Date.parse(startsAt), Date.parse(endsAt), rules.slotSeconds);
    if (slots <= MAX_SLOTS) return undefined;
    return {
      field: 'slotSeconds',
      expected: `at most ${MAX_SLOTS} slots in the campaign (here ${slots})`,
      value: rules.slotSeconds,
    };
  },
];

/** The first rule beyond the schema that a definition's free-order section breaks; undefined if it breaks none. */
export const brokenFreeOrderRule = (definition: Definition): Broken | undefined => {
  const rules = definition.freeOrders;
  if (rules === undefined) return undefined;
  for (const check of CHECKS) {
    const broken = check(rules, definition);
    if (broken) return { ...broken, field: `freeOrders.${broken.field}` };
  }
  return undefined;
};
