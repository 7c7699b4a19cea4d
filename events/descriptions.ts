import { MAX_CAMPAIGN_DAYS } from './campaign.ts';
import { CLOCK_SKEW_MS } from './parse.ts';
import { DEFAULT_BUDGET_SHARDS, DEFAULT_EPSILON, DEFAULT_SETTLEMENT_HOURS } from './sections/coupons.ts';
import {
  DEFAULT_BRAND_LINE_FEN,
  DEFAULT_HORIZON_HOURS,
  DEFAULT_SHARDS,
  DEFAULT_WINDOW_SECONDS,
} from './sections/metrics.ts';
import type { EventType } from './types.ts';

const MINUTE_MS = 60_000;

/** What each type of event says. */
export const EVENT_DESCRIPTIONS: Readonly<Record<EventType, string>> = {
  'presale.started': 'A campaign opens; the event carries its whole definition.',
  'campaign.paused': 'A campaign issues nothing more until it is resumed; what was issued stays good.',
  'campaign.resumed': 'A paused campaign goes on.',
  'campaign.closed': 'A campaign gives no more coupons, for good; what was given stays good.',
  'order.paid': 'A member paid an order.',
  'order.refunded': 'A paid order was given back, wholly or in part.',
  'member.updated': "A member's tier has changed.",
};

/**
 * What each field means, for the generated documents. Kept apart from the schemas so that no function's bundle carries
 * it. A field means the same wherever it appears.
 */
export const FIELD_DESCRIPTIONS: Readonly<Record<string, string>> = {
  specversion: 'The version of CloudEvents.',
  type: 'What happened.',
  id: 'Names the event, together with source: an event with the same two values is the same event, and changes nothing.',
  source: 'The producer, as a URI reference; ids are unique within it.',
  time: `When it happened, which decides the campaign and the window; at most ${CLOCK_SKEW_MS / MINUTE_MS} minutes ahead of the clock.`,
  subject: 'What it happened to. Ignored.',
  datacontenttype: 'The media type of data: one of JSON.',
  dataschema: 'Where the schema of data is. Ignored.',
  data: 'What the type of event carries.',
  orderId: 'The order. A refund names the order that was paid.',
  memberId: 'The member whom it is about.',
  brandId: 'The brand that the order belongs to; an order across several brands is one event for each brand.',
  amountFen:
    'What was paid, after all discounts (0 where nothing was left to pay), or the amount of this refund, in fen (CNY 0.01).',
  couponId: 'The coupon that the order used, or that a refund gives back.',
  channel: 'far: e-commerce, shipped from anywhere. near: instant retail, from a store nearby.',
  storeId: 'The store, on a near order only.',
  campaignId: 'Names the campaign. A different definition under the same id is refused.',
  startsAt: 'The first instant of the campaign.',
  endsAt: `The end of the campaign, exclusive; after startsAt, by at most ${MAX_CAMPAIGN_DAYS} days.`,
  metrics: 'How the figures of the campaign are kept.',
  windowSeconds: `The length of a base window, in seconds; ${DEFAULT_WINDOW_SECONDS} by default.`,
  shards: `Over how many parts the writes of one window (${DEFAULT_SHARDS} by default) or of one budget (${DEFAULT_BUDGET_SHARDS} by default) are spread.`,
  horizonHours: `How late an event may arrive before it is refused, in hours; ${DEFAULT_HORIZON_HOURS} by default.`,
  brandLineFen: `The net amount, in fen, that makes a brand a milestone when its sales of the campaign reach it; ${DEFAULT_BRAND_LINE_FEN} (CNY 100 M) by default.`,
  coupons: 'What coupons the campaign gives, out of what money.',
  budgets: 'The money, one budget for each pool that pays.',
  pool: 'The pool that pays, such as platform or a brand.',
  totalFen: 'All that may be given out of the pool, in fen.',
  presaleShare: 'The share of it that is given when the campaign opens, 0 to 1; the rest follows orders.',
  offers: 'The coupons that there are; a member gets at most one of them at a time.',
  offerId: 'Names the offer.',
  kind: 'What the offer gives: `discount`, also where it is left out, takes a fixed amount off an order.',
  thresholdFen: 'The smallest order that the coupon may be used on, in fen.',
  discountFen:
    'What is taken off, in fen. Of an offer: its face value, which is held ready in the budget. Of an order: what discounts took off this part; where it is left out, the face value of each coupon that the order names counts once.',
  scope: 'Where the coupon may be used: on any order, on far or near ones, or on those of its brands.',
  brands: 'The brands of the scope.',
  tiers: 'The tiers whose members may get it; all members by default.',
  validHours: 'How long the coupon may be used, in hours from when it was given.',
  arms: 'The percentages of members by how they are treated; all of them engine by default.',
  engine: 'Each gets what changes their mind the most for the money.',
  baseline: 'The same coupon for everyone until the money is gone.',
  control: 'No coupons.',
  salt: 'Decides which members are in which arm; the same text puts the same members in the same arms again.',
  objective:
    'What is to be made the most of: incremental-gmv, what members spend more; conversions, how many more order; redemptions, how many coupons are used in the time that is left of the sale.',
  model:
    'What says how likely a coupon is used: prior, the model to begin with; learned, what used coupons have taught beyond it; or own, the model in ownModel. prior unless told.',
  ownModel: 'A model of one’s own, in XGBoost’s JSON or as coefficients; its features go by their names.',
  perMemberLimit: 'The coupons that one member may get in the campaign.',
  baselineOffer: 'The offer of the baseline arm.',
  settlementHours: `How long after its expiry a coupon's money stays held for orders that come late, in hours; ${DEFAULT_SETTLEMENT_HOURS} unless told, 0 in replays. It stays held for longer while an order that was sent before waits in a queue, or among its dead letters.`,
  epsilon: `The share of decisions that choose at random among all that could be given and nothing, 0 to 1; ${DEFAULT_EPSILON} unless told.`,
  fallsWithOrder:
    'Whether an unused coupon becomes void when the order that earned it is refunded; no by default.',
  tier: "The member's tier, such as 88vip.",
  freeOrders: 'Which orders may turn out to be free, how that is drawn, and what it may cost.',
  mode: 'instant: every order is drawn at once, at odds. slot: the orders of a time slot are drawn together for a number of prizes.',
  odds: 'The odds of an eligible order, public before the draw.',
  win: 'The odds are win in in.',
  in: 'The odds are win in in.',
  slotSeconds: 'The length of a slot, in seconds; slots lie end to end from startsAt.',
  prizes: 'The free orders of a slot, public before the draw.',
  graceSeconds: 'How long a slot waits for its late orders before it is closed, in seconds.',
  beacon: 'The public randomness that draws a slot together with the seed.',
  chain: 'The network of the beacon.',
  delaySeconds: 'The time from the publication of what a slot holds to the round that draws it, in seconds.',
  recordedRound: 'A past round instead of a future one: only for trials, because everybody knows it.',
  channels: 'The channels that take part.',
  stores: 'The stores that take part; all by default.',
  periods: 'The times within the campaign that take part; all by default.',
  from: 'The beginning of the period, or of the hours of each day.',
  to: 'Its end, exclusive.',
  dailyHours: 'The hours of each local day that take part; all by default.',
  minimumPaidFen: 'The smallest order that takes part, in fen.',
  firstOrderOnly: "Whether only a member's first order takes part.",
  perMemberPerDay: 'The free orders that one member may get on a local day.',
  perMember: 'The free orders that one member may get in the campaign.',
  blockedMembers: 'Members who do not take part.',
  dayOffsetMinutes: "How far local time is ahead of UTC, in minutes; China's by default.",
  capFen: 'The most that is given back of one order, in fen.',
  quota: 'The free orders of the whole campaign.',
  budgetFen: 'All that may be given back in the whole campaign, in fen.',
  compareWith:
    "The campaign to compare with, such as last year's; it is opened before this one, which is refused without it.",
  presaleAt:
    'When the presale is planned and issued, no later than startsAt; the sale is shown from its opening on. At the opening by default.',
  display: 'How the sale presents itself to people; nothing is counted by it.',
  name: 'What people call the sale; its id by default.',
  currency:
    'The currency of all amounts, by its code of ISO 4217: fields in fen are in its minor unit; CNY by default.',
  timeZone: "The time zone of the times shown, by its name in the IANA database; the viewer's by default.",
  locale: "The language of the screen; the viewer's by default.",
};
