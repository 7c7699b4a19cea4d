/** What event types and fields mean, in words, for the generated documents. */
import { MAX_CAMPAIGN_DAYS } from './campaign.ts';
import { CLOCK_SKEW_MS } from './parse.ts';
import { DEFAULT_EPSILON, DEFAULT_SETTLEMENT_HOURS } from './sections/coupons.ts';
import { DEFAULT_BRAND_LINE_FEN, DEFAULT_HORIZON_HOURS, DEFAULT_WINDOW_SECONDS } from './sections/metrics.ts';
import type { EventType } from './types.ts';

const MINUTE_MS = 60_000;

/** What each type of event says. */
export const EVENT_DESCRIPTIONS: Readonly<Record<EventType, string>> = {
  'presale.started': 'A campaign opens; the event carries its whole definition.',
  'campaign.paused': 'A campaign issues nothing until it is resumed; what was issued stays valid.',
  'campaign.resumed': 'A paused campaign is resumed.',
  'campaign.capped':
    'A ceiling for what a pool of a campaign gives, until another one is set; what was issued stays valid.',
  'campaign.closed': 'A campaign issues no more coupons, for good; what was issued stays valid.',
  'campaign.extended': 'A running campaign ends later; its draw of free orders ends as announced.',
  'order.paid': 'A member paid an order.',
  'order.refunded': 'A paid order was refunded, in full or in part.',
  'member.updated': "A member's tier has changed.",
  'member.linked':
    'Another id turned out to belong to a member: an id in another system, or that of a guest who has signed up.',
  'member.erased': 'A member is forgotten, for good.',
};

/**
 * What each field means, for the generated documents. The descriptions are not part of the schemas, so that
 * no function's bundle contains them. A field has one description, wherever it appears.
 */
export const FIELD_DESCRIPTIONS: Readonly<Record<string, string>> = {
  specversion: 'The version of CloudEvents.',
  type: 'What happened.',
  id: 'Identifies the event together with source. A second event with the same two values counts as a repetition and changes nothing.',
  source: 'The producer, as a URI reference; ids are unique within it.',
  time: `When it happened, which decides the campaign and the window; at most ${CLOCK_SKEW_MS / MINUTE_MS} minutes ahead of the clock.`,
  subject: 'The subject of the event. Ignored.',
  datacontenttype: 'The media type of data, which is a JSON type.',
  dataschema: 'Where the schema of data is. Ignored.',
  traceparent:
    'The trace of the request that sent the event (W3C Trace Context). It is passed on to the grant that the event brings, and changes nothing else. An invalid one is ignored.',
  data: 'The data of this type of event.',
  orderId: 'The order. A refund names the order that was paid.',
  memberId: 'The member that the event is about.',
  aliasId: 'Another id of the member. From the link on, its orders are the member’s.',
  brandId: 'The brand that the order belongs to; an order across several brands is one event for each brand.',
  amountFen:
    'What was paid, after all discounts (0 where nothing was left to pay), or the amount of this refund, in fen (CNY 0.01).',
  couponId: 'The coupon that the order used, or that a refund gives back.',
  channel: 'far: e-commerce, shipped from anywhere. near: instant retail, from a store nearby.',
  storeId: 'The store, on a near order only.',
  campaignId: 'Names the campaign. A different definition under the same id is refused.',
  startsAt: 'The first instant of the campaign.',
  endsAt: `The end of the campaign, exclusive; after startsAt, by at most ${MAX_CAMPAIGN_DAYS} days. In an extension: its new end, which is never earlier than the one before.`,
  metrics: 'How the figures of the campaign are kept.',
  windowSeconds: `The length of a base window, in seconds; ${DEFAULT_WINDOW_SECONDS} by default.`,
  shards:
    'The number of parts over which the writes of one window or of one budget are spread; by default what the peak of the stage needs.',
  horizonHours: `How late an event may arrive before it is refused, in hours; ${DEFAULT_HORIZON_HOURS} by default.`,
  brandLineFen: `The net amount, in fen, that makes a brand a milestone when its sales of the campaign reach it; ${DEFAULT_BRAND_LINE_FEN} (CNY 100 M) by default.`,
  coupons: 'Which coupons the campaign gives, and from which money.',
  budgets: 'The money, one budget for each pool that pays.',
  pool: 'The pool that pays, such as platform or a brand.',
  totalFen: 'The most that may be given from the pool, in fen.',
  ceilingFen:
    'The most that the live and used coupons of the pool may cost, in fen; at most its budget. A ceiling at the budget lifts it.',
  presaleShare:
    'The share of the budget that is given in the presale, 0 to 1; the rest is given after orders.',
  offers: 'The coupons to choose from; a member gets at most one of them at a time.',
  offerId: 'Names the offer.',
  kind: 'What the offer gives: `discount`, the default, takes a fixed amount off an order.',
  thresholdFen: 'The smallest order that the coupon may be used on, in fen.',
  discountFen:
    'What is taken off, in fen. In an offer: its face value, which is reserved in the budget. In an order: what discounts took off this part; if it is left out, the face value of each coupon that the order names counts once.',
  scope: 'Where the coupon may be used: on any order, on far or near ones, or on those of its brands.',
  brands: 'The brands of the scope.',
  tiers: 'The tiers whose members may get it; all members by default.',
  validHours: 'How long the coupon may be used, in hours after it was given.',
  arms: 'The percentages of members by how they are treated; all of them engine by default.',
  engine:
    'The percentage of members who each get the offer that changes their behaviour the most for its cost.',
  baseline: 'The percentage of members who all get the same coupon until the money is used up.',
  control: 'The percentage of members who get no coupons.',
  salt: 'Decides which members are in which arm: in two campaigns with the same salt and shares, a member is in the same arm.',
  objective:
    'What is maximised: incremental-gmv, the additional spending of members; conversions, how many more members order; redemptions, how many coupons are used in the time that is left of the sale.',
  model:
    'The model of how likely a coupon is to be used: prior, the built-in model; learned, the prior corrected by the coupons used so far; or own, the model in ownModel. prior by default.',
  ownModel:
    'A model of your own, in XGBoost’s JSON or as coefficients; its features are found by their names.',
  perMemberLimit: 'The most coupons that one member may get in the campaign.',
  baselineOffer: 'The offer of the baseline arm.',
  settlementHours: `How long after its expiry a coupon's money stays reserved for late orders, in hours; ${DEFAULT_SETTLEMENT_HOURS} by default, 0 in replays. It stays reserved for longer while an order that was sent before then is still in a queue or among its dead letters.`,
  epsilon: `The share of decisions that are a random choice among all offers that could be given and no offer, 0 to 1; ${DEFAULT_EPSILON} by default.`,
  pauseAheadShare:
    'The campaign is paused, once, when the engine has spent more of a pool than was planned by then, by more than this share of its budget; never by default. The spending of the baseline is not watched.',
  fallsWithOrder:
    'Whether an unused coupon becomes void when the order that earned it is refunded; no by default.',
  tier: "The member's tier, such as 88vip.",
  freeOrders: 'Which orders may become free, how they are drawn, and what they may cost.',
  mode: 'instant: every order is drawn at once, at odds. slot: the orders of a time slot are drawn together for a number of prizes.',
  odds: 'The odds of an eligible order, public before the draw.',
  win: 'The odds are `win` in `in`: 1 in 100 is {"win": 1, "in": 100}.',
  in: 'The odds are `win` in `in`: 1 in 100 is {"win": 1, "in": 100}.',
  slotSeconds: 'The length of a slot, in seconds; slots lie end to end from startsAt.',
  prizes: 'The number of free orders in a slot, public before the draw.',
  graceSeconds: 'How long a slot waits for its late orders before it is closed, in seconds.',
  beacon: 'The public randomness that draws a slot together with the seed.',
  chain: 'The network of the beacon.',
  delaySeconds: 'The time from the publication of the root of a slot to the round that draws it, in seconds.',
  recordedRound: 'A past round instead of a future one: only for trials, because everybody knows it.',
  channels: 'The channels that take part.',
  stores: 'The stores that take part; all by default.',
  periods: 'The times within the campaign that take part; all by default.',
  from: 'The beginning of the period, or of the hours of each day.',
  to: 'The end of the period, or of the hours of each day, exclusive.',
  dailyHours: 'The hours of each local day that take part; all by default.',
  minimumPaidFen: 'The smallest order that takes part, in fen.',
  firstOrderOnly: "Whether only a member's first order takes part.",
  perMemberPerDay: 'The most free orders that one member may get on a local day.',
  perMember: 'The most free orders that one member may get in the campaign.',
  blockedMembers: 'Members who do not take part.',
  dayOffsetMinutes: "How far local time is ahead of UTC, in minutes; China's by default.",
  capFen: 'The most that is paid back for one order, in fen.',
  quota: 'The most free orders that are given in the whole campaign.',
  budgetFen: 'The most that may be paid back in the whole campaign, in fen.',
  compareWith:
    "The campaign to compare with, such as last year's; it is opened before this one, which is refused without it.",
  presaleAt:
    'When the presale is planned and issued, no later than startsAt; at the opening by default. The screen shows the sale from the opening on in any case.',
  display: 'How the sale is shown to people. It changes no figure.',
  name: 'What people call the sale; its id by default.',
  currency:
    'The currency of all amounts, by its code of ISO 4217: fields in fen are in its minor unit; CNY by default.',
  timeZone: "The time zone of the times shown, by its name in the IANA database; the viewer's by default.",
  locale: "The language of the screen; the viewer's by default.",
};
