/** The campaign definition: its sections, the rules between its fields, and the settings read from it. */
import * as z from 'zod/mini';
import { campaignId, record, time } from './fields.ts';
import { brokenCouponRule, coupons } from './sections/coupons.ts';
import { brokenDisplayRule, display } from './sections/display.ts';
import { brokenFreeOrderRule, freeOrders } from './sections/free-orders.ts';
import {
  DEFAULT_BRAND_LINE_FEN,
  DEFAULT_HORIZON_HOURS,
  DEFAULT_SHARDS,
  DEFAULT_WINDOW_SECONDS,
  metricSettings,
} from './sections/metrics.ts';

/** In days, five years with their leap days: a replay of several years of orders is one campaign. */
export const MAX_CAMPAIGN_DAYS = 1_827;

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The longest that a campaign may last, extensions included. */
export const MAX_CAMPAIGN_MS = MAX_CAMPAIGN_DAYS * DAY_MS;

/** Every section has a file in sections/. Without `coupons` or `freeOrders`, a campaign gives none; the others have defaults. */
export const campaignDefinition = record({
  campaignId,
  startsAt: time,
  endsAt: time,
  metrics: z.optional(metricSettings),
  coupons: z.optional(coupons),
  freeOrders: z.optional(freeOrders),
  compareWith: z.optional(campaignId),
  presaleAt: z.optional(time),
  display: z.optional(display),
});

/** What `presale.started` carries. An order belongs to the campaign when startsAt <= time < endsAt. */
export type CampaignDefinition = z.output<typeof campaignDefinition>;

/** A rule between fields that a schema cannot express. If it is broken, it returns the field at fault and what was expected. */
export type Rule = (
  definition: CampaignDefinition,
) => { field: string; expected: string; value: unknown } | undefined;

const spanMs = ({ startsAt, endsAt }: CampaignDefinition) => Date.parse(endsAt) - Date.parse(startsAt);

/** In the order in which they are checked. The parser reports only the first broken one. */
export const CAMPAIGN_RULES: readonly Rule[] = [
  (definition) =>
    spanMs(definition) > 0
      ? undefined
      : {
          field: 'endsAt',
          expected: `a time after startsAt (${definition.startsAt})`,
          value: definition.endsAt,
        },
  (definition) =>
    spanMs(definition) <= MAX_CAMPAIGN_MS
      ? undefined
      : {
          field: 'endsAt',
          expected: `a time at most ${MAX_CAMPAIGN_DAYS} days after startsAt (${definition.startsAt})`,
          value: definition.endsAt,
        },
  ({ campaignId, compareWith }) =>
    compareWith !== campaignId
      ? undefined
      : { field: 'compareWith', expected: 'the id of another campaign', value: compareWith },
  ({ presaleAt, startsAt, coupons: section }) => {
    if (presaleAt === undefined) return undefined;
    if (section === undefined)
      return { field: 'presaleAt', expected: 'no presale, as there are no coupons', value: presaleAt };
    return Date.parse(presaleAt) <= Date.parse(startsAt)
      ? undefined
      : { field: 'presaleAt', expected: `a time no later than startsAt (${startsAt})`, value: presaleAt };
  },
  brokenCouponRule,
  brokenFreeOrderRule,
  brokenDisplayRule,
];

/** What the pipeline needs to know of a campaign to place its orders: times and lengths in ms, defaults filled in. */
export type CampaignSettings = {
  campaignId: string;
  startsAtMs: number;
  /** Exclusive. */
  endsAtMs: number;
  /** The end with which the campaign was opened, if it was extended; see {@link plannedEndOf}. */
  plannedEndsAtMs?: number;
  windowMs: number;
  shards: number;
  /** An event that arrives later than this after the end of its window is too late to be counted. */
  horizonMs: number;
  /** Left out if the definition has none, because settings are sent with every message; see {@link brandLineFenOf}. */
  brandLineFen?: number;
  /** The campaign to compare with. */
  compareWith?: string;
};

export const campaignSettings = (definition: CampaignDefinition): CampaignSettings => {
  const { windowSeconds, shards, horizonHours, brandLineFen } = definition.metrics ?? {};
  return {
    campaignId: definition.campaignId,
    startsAtMs: Date.parse(definition.startsAt),
    endsAtMs: Date.parse(definition.endsAt),
    windowMs: (windowSeconds ?? DEFAULT_WINDOW_SECONDS) * SECOND_MS,
    shards: shards ?? DEFAULT_SHARDS,
    horizonMs: (horizonHours ?? DEFAULT_HORIZON_HOURS) * HOUR_MS,
    ...(brandLineFen === undefined ? {} : { brandLineFen }),
    ...(definition.compareWith === undefined ? {} : { compareWith: definition.compareWith }),
  };
};

/**
 * The end with which a campaign was opened. If the campaign is extended, the tree of its metric rows, its presale and its draw of
 * free orders keep this end.
 */
export const plannedEndOf = ({
  endsAtMs,
  plannedEndsAtMs,
}: Pick<CampaignSettings, 'endsAtMs' | 'plannedEndsAtMs'>): number => plannedEndsAtMs ?? endsAtMs;

/** The settings of a campaign that was extended to a time; unchanged if that is no later than its end. */
export const extendedSettings = (settings: CampaignSettings, toMs: number | undefined): CampaignSettings =>
  toMs === undefined || toMs <= settings.endsAtMs
    ? settings
    : { ...settings, endsAtMs: toMs, plannedEndsAtMs: plannedEndOf(settings) };

/** The cumulative net amount of a brand, in fen, that is a milestone of the campaign. */
export const brandLineFenOf = ({ brandLineFen }: CampaignSettings): number =>
  brandLineFen ?? DEFAULT_BRAND_LINE_FEN;
