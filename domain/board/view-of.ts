/** Makes the screen's data from what was read from the tables, without any calls. */
import { readout } from '#domain/experiment/readout.ts';
import { windowStartOf } from '#domain/metrics/levels.ts';
import { PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import { brandsAtLine, doubledBrands, yearFiguresOf } from '#domain/metrics/rollup/compare.ts';
import type { MilestoneView } from '#domain/metrics/rollup/milestone-view.ts';
import type { Total } from '#domain/metrics/rollup/read.ts';
import { netFenOf, type Row, TOO_LATE, tallyOf } from '#domain/metrics/rollup/row.ts';
import { brandLineFenOf, type CampaignDefinition, type CampaignSettings } from '#events/campaign.ts';
import { compareText } from '#platform/collections.ts';
import type { Health } from '#platform/health-item.ts';
import { couponView, type Money } from './coupon-view.ts';
import { curveOf, type Series } from './curve.ts';
import { freeOrderView, type SeedFacts } from './free-order-view.ts';
import { storesOf } from './store-view.ts';
import type { BoardView, BrandBoard, ChannelView, Headline } from './view.ts';

/** The parts of a campaign's total that a screen shows. */
type ShownTotal = Pick<Total, 'row' | 'watermarkMs' | 'pendingFromMs'>;

/** The data that a screen is made from. */
export type BoardData = {
  definition: CampaignDefinition;
  settings: CampaignSettings;
  total: ShownTotal;
  /**
   * The time up to which the figures were shown as complete before, in ms; the view never shows an earlier one. Undefined if
   * nothing was shown.
   */
  saidMs?: number | undefined;
  /** How far the total reaches, in ms from the sale's start. Last year is compared up to the same time. */
  elapsedMs: number;
  /** Undefined without a campaign to compare with, or while that campaign is not registered. */
  lastYear: LastYear | undefined;
  milestones: MilestoneView[];
  /** Undefined in a campaign without coupons. */
  money: Money | undefined;
  /** Undefined in a campaign without free orders. */
  seed: SeedFacts | undefined;
  /** Undefined until the queues' depths are stored for the first time. */
  health: Health | undefined;
  pausedSinceMs?: number | undefined;
  closedSinceMs?: number | undefined;
};

/** Last year's campaign: its row up to the same time from its start, and its curve to the end. */
export type LastYear = { prefix: Row; series: Series };

/** The largest number of brands on the leaderboard. */
const LEADERS_MAX = 20;

/**
 * There are never more members than orders. But members are estimated and orders counted, so the estimate may be too high and
 * is cut.
 */
const membersOf = ({ members, orders }: { members: number; orders: number }): number =>
  Math.min(members, orders);

const headlineOf = (row: Row, lastYear: Row | undefined): Headline => {
  const now = yearFiguresOf(row);
  const before = lastYear && yearFiguresOf(lastYear);
  return {
    netFen: { value: now.netFen, lastYear: before?.netFen },
    grossFen: tallyOf(row, PAID).fen,
    refundedFen: tallyOf(row, REFUNDED).fen,
    orders: { value: now.orders, lastYear: before?.orders },
    members: { value: membersOf(now), lastYear: before && membersOf(before) },
  };
};

type Seller = { brand: string; netFen: number; orders: number };

const byNetFen = (a: Seller, b: Seller): number => b.netFen - a.netFen || compareText(a.brand, b.brand);

/** The brands that sold most. There may be tens of thousands of brands, so only a few candidates are sorted at a time. */
const leadersOf = (brands: Row['brands']): Seller[] => {
  let leaders: Seller[] = [];
  let leastFen = Number.NEGATIVE_INFINITY;
  const cut = (): void => {
    leaders = leaders.sort(byNetFen).slice(0, LEADERS_MAX);
    if (leaders.length === LEADERS_MAX) leastFen = leaders.at(-1)!.netFen;
  };
  for (const [brand, tally] of brands) {
    const netFen = netFenOf(tally);
    if (netFen < leastFen) continue;
    leaders.push({ brand, netFen, orders: tally.orders });
    if (leaders.length === 2 * LEADERS_MAX) cut();
  }
  cut();
  return leaders;
};

const brandsOf = (
  row: Row,
  lastYear: Row | undefined,
  lineFen: number,
  milestones: readonly MilestoneView[],
): BrandBoard => {
  const crossedAtMs = new Map(
    milestones.flatMap((milestone) =>
      milestone.kind === 'brand-line' ? [[milestone.brand, milestone.atMs] as const] : [],
    ),
  );
  return {
    lineFen,
    aboveLine: brandsAtLine(row, lineFen).length,
    doubled: lastYear && doubledBrands(row, lastYear).length,
    active: row.brands.values().reduce((active, { orders }) => active + (orders > 0 ? 1 : 0), 0),
    leaders: leadersOf(row.brands).map((leader) => {
      const before = lastYear?.brands.get(leader.brand);
      return {
        ...leader,
        lastYearNetFen: before && netFenOf(before),
        crossedAtMs: crossedAtMs.get(leader.brand),
      };
    }),
  };
};

const channelsOf = (row: Row): ChannelView[] =>
  (['far', 'near'] as const).map((channel) => {
    const paid = tallyOf(row, `${PAID}/${channel}`);
    return { channel, netFen: paid.fen - tallyOf(row, `${REFUNDED}/${channel}`).fen, orders: paid.count };
  });

/**
 * The start of the earliest window that late events are changing, in ms since the epoch; undefined if no
 * window before the watermark is changing.
 */
const reopenedFrom = (
  { pendingFromMs }: ShownTotal,
  settings: CampaignSettings,
  completeMs: number | undefined,
): number | undefined =>
  pendingFromMs !== undefined &&
  completeMs !== undefined &&
  pendingFromMs < windowStartOf(settings, completeMs)
    ? pendingFromMs
    : undefined;

/** Makes the view of a campaign as of `nowMs`. */
export const viewOf = (data: BoardData, nowMs: number): BoardView => {
  const { definition, settings, total, saidMs, elapsedMs, lastYear, milestones, money, seed } = data;
  const { pausedSinceMs } = data;
  const { coupons, freeOrders } = definition;
  const { row } = total;
  const watermarkMs = total.watermarkMs && Math.max(total.watermarkMs, saidMs ?? 0);
  return {
    campaignId: settings.campaignId,
    ...(definition.display === undefined ? {} : { display: definition.display }),
    startsAtMs: settings.startsAtMs,
    endsAtMs: settings.endsAtMs,
    ...(settings.plannedEndsAtMs === undefined ? {} : { plannedEndsAtMs: settings.plannedEndsAtMs }),
    nowMs,
    ...(pausedSinceMs === undefined ? {} : { pausedSinceMs }),
    ...(data.closedSinceMs === undefined ? {} : { closedSinceMs: data.closedSinceMs }),
    watermarkMs,
    isComplete: watermarkMs !== undefined && total.pendingFromMs === undefined && nowMs >= settings.endsAtMs,
    reopenedFromMs: reopenedFrom(total, settings, watermarkMs),
    tooLate: tallyOf(row, TOO_LATE).count,
    headline: headlineOf(row, lastYear?.prefix),
    curve: curveOf({ settings, points: row.series }, elapsedMs, lastYear?.series),
    brands: brandsOf(row, lastYear?.prefix, brandLineFenOf(settings), milestones),
    channels: channelsOf(row),
    ...(row.stores.stores.size === 0 ? {} : { stores: storesOf(row) }),
    coupons:
      coupons && money && couponView({ settings, coupons, row, money, lastYear: lastYear?.series }, nowMs),
    experiment: coupons && readout(row, coupons),
    freeOrders: freeOrders && seed && freeOrderView(freeOrders, row, seed),
    milestones,
    health: data.health,
  };
};
