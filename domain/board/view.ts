import type { ExperimentView, Interval } from '#domain/experiment/view.ts';
import type { MilestoneView } from '#domain/metrics/rollup/milestone-view.ts';

/**
 * What the live screen shows, as data: read from the tables by `read.ts`, rendered by `render.ts`. Amounts are in fen, times in
 * ms since the epoch. Undefined or an empty list means that the campaign has no such part.
 */
export type BoardView = {
  campaignId: string;
  /** How the sale is to be shown; undefined if its definition does not say. */
  display?: SaleDisplay;
  startsAtMs: number;
  /** Exclusive. */
  endsAtMs: number;
  /** The end that was planned when the campaign opened, if it was extended. Its free orders still end at this time. */
  plannedEndsAtMs?: number;
  /** When the view was made. */
  nowMs: number;
  /** Since when the campaign is paused and issues nothing; left out if it is not. */
  pausedSinceMs?: number;
  /** The time since which its coupons are closed for good; left out if they are not. */
  closedSinceMs?: number;
  /**
   * All events of earlier times that have arrived are in the figures; undefined before the first order is counted. The watermark
   * never goes back. If late events are changing figures, {@link BoardView.reopenedFromMs} says from which time on.
   */
  watermarkMs: number | undefined;
  /** The sale is over and nothing waits to be counted. A late event may make this false again; the watermark stays. */
  isComplete: boolean;
  /** Late events are about to change the figures from this time on, in ms; undefined if there are none. */
  reopenedFromMs: number | undefined;
  /** The number of events that came too late: their windows can no longer be folded again, so they are not in the figures. */
  tooLate: number;
  headline: Headline;
  curve: Curve;
  brands: BrandBoard;
  channels: ChannelView[];
  /** The stores whose near orders have the largest net amounts, the largest first; undefined if no order named a store. */
  stores?: StoreView[];
  coupons: CouponView | undefined;
  experiment: ExperimentView | undefined;
  freeOrders: FreeOrderView | undefined;
  milestones: MilestoneView[];
  health: HealthView | undefined;
};

export type SaleDisplay = {
  /** The name of the sale for people; its id is shown if it has none. */
  name?: string | undefined;
  /** The ISO 4217 code of all amounts, which are in this currency's minor unit. */
  currency?: string | undefined;
  /** The time zone of the times shown, by its IANA name; if undefined, the viewer's. */
  timeZone?: string | undefined;
  /** The language of the screen; if undefined, the viewer's. */
  locale?: 'zh-CN' | 'en' | undefined;
};

/** A figure of this campaign beside last year's at the same elapsed time; undefined without a campaign to compare with. */
export type Compared = { value: number; lastYear: number | undefined };

export type Headline = {
  netFen: Compared;
  grossFen: number;
  refundedFen: number;
  orders: Compared;
  /** Distinct members who paid, estimated with a standard error of 0.57 %, and never more than the orders. */
  members: Compared;
};

export type CurvePoint = {
  /** From the campaign's start to the beginning of the point's window, in ms. */
  elapsedMs: number;
  orders: number;
  netFen: number;
};

/** Net amount per window, in the order of time: this year's as far as it is counted, last year's to the end of that campaign. */
export type Curve = { windowMs: number; points: CurvePoint[]; lastYear: CurvePoint[] };

export type BrandView = {
  brand: string;
  netFen: number;
  orders: number;
  /** Last year's net amount at the same elapsed time; undefined if the brand had sold nothing by that time. */
  lastYearNetFen: number | undefined;
  /** When the brand reached {@link BrandBoard.lineFen}: the end of a base window, in ms; undefined if it has not. */
  crossedAtMs: number | undefined;
};

export type BrandBoard = {
  /** The line: the cumulative net amount, in fen, at which a brand reaches a milestone. */
  lineFen: number;
  /** Brands at or above the line. */
  aboveLine: number;
  /** Brands at more than twice last year's cumulative net amount at the same elapsed time; undefined without last year. */
  doubled: number | undefined;
  /** Brands that sold anything. */
  active: number;
  /** The leaders by net amount, the largest first. */
  leaders: BrandView[];
};

export type ChannelView = { channel: 'far' | 'near'; netFen: number; orders: number };

export type StoreView = {
  store: string;
  netFen: number;
  orders: number;
  /**
   * The most, in fen, by which the net amount may be off, because only the stores that sold most are kept; 0 if it is exact.
   */
  missingFen: number;
  /** The most orders that it may have had in addition. */
  missingOrders: number;
};

export type CouponView = {
  /** The budgets of all arms and pools together, when the campaign opened. */
  budgetFen: number;
  /** What is left in all budgets. */
  remainingFen: number;
  /** How much of `remainingFen` is held back by ceilings; left out if nothing is. */
  heldFen?: number;
  /** What would be spent by now if spending followed the plan. */
  plannedSpentFen: number;
  issued: number;
  redeemed: number;
  returned: number;
  expired: number;
  /** Coupons that were used although the order broke a term: the shop had already granted the discount. */
  againstTerms: number;
  /** The face values of coupons that were used in time, but whose money had been freed before the use was known. */
  overdraftFen: number;
  /** Why members got no coupon, the most frequent first. */
  withheld: { reason: string; count: number }[];
  /** Why orders could not redeem the coupons that they named, the most frequent first. */
  refused: { reason: string; count: number }[];
  /** The learned model that decides; absent if the campaign names none, or it has no version yet. */
  model?: ModelView;
  /** Set if the campaign brought its own model, which decides. */
  hasOwnModel?: true;
  /** Offers scored by the model, including "no coupon". */
  modelCalls: number;
  /** The budget of each arm in each pool. `price` is what a fen must bring, in the objective's unit, to be spent. */
  pools: { pool: string; arm: string; budgetFen: number; remainingFen: number; price: number }[];
};

export type ModelView = {
  version: number;
  /** What it has learned from: coupons that were issued and have expired, and how many of them were used. */
  issued: number;
  used: number;
  /** Whether it did worse than the prior, which then decides in its place. */
  isWithdrawn: boolean;
  /** How much better its coupons convert than those of the prior that challenges it, with a confidence sequence. */
  lift?: Interval;
  /** Coupons on which the prior decided as its challenger, and how many of them are used. */
  challenger?: { issued: number; used: number };
};

export type FreeOrderView = {
  mode: 'instant' | 'slot';
  /** Distinct members who took part, estimated with a standard error of 0.57 %, and never more than their orders. */
  participants: number;
  wins: number;
  revoked: number;
  /** The awards of all wins, less those that were revoked. */
  awardedFen: number;
  /** The most wins, and the most money, that the whole campaign gives. */
  quota: number;
  budgetFen: number;
  /** Why orders were not eligible or did not win, the most frequent first. */
  outcomes: { outcome: string; count: number }[];
  /** SHA-256 of the seed, in hexadecimal digits, from the opening on. */
  seedCommitment: string | undefined;
  /** Undefined until the draw is closed and its seed is revealed. */
  seed: string | undefined;
  /** "1 in 100" as numbers; undefined in slot mode. */
  odds: { win: number; in: number } | undefined;
  /** Undefined in instant mode. */
  prizesPerSlot: number | undefined;
};

export type HealthView = {
  /** When the depths of the queues were read. */
  atMs: number;
  /** Events that were refused and wait in the rejects queue. */
  rejects: number;
  /** Messages in all dead-letter queues together. */
  deadLetters: number;
};
