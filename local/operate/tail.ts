import { readView } from '#domain/board/read.ts';
import type { BoardView } from '#domain/board/view.ts';
import { formatTime } from '#events/contract.ts';
import { formatCount, formatFen } from '#local/console/format.ts';
import { InputError } from '#local/console/input-error.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { unknownCampaign } from './campaigns.ts';
import type { Target } from './target.ts';

/** A sale's figures at one time. Amounts are in fen. */
export type Look = {
  at: string;
  campaignId: string;
  orders: number;
  /** Since the previous look; left out in the first look at a campaign, and if the number of orders fell after a correction. */
  ordersPerSecond?: number;
  netFen: number;
  members: number;
  issued?: number;
  redeemed?: number;
  spentFen?: number;
  plannedSpentFen?: number;
  wins?: number;
  completeUpTo?: string;
  rejects?: number;
  deadLetters?: number;
  pausedSince?: string;
  closedSince?: string;
};

const timeIf = <Name extends string>(name: Name, ms: number | undefined): { [Key in Name]?: string } =>
  (ms === undefined ? {} : { [name]: formatTime(ms) }) as { [Key in Name]?: string };

const rateOf = (
  orders: number,
  nowMs: number,
  before: BoardView | undefined,
): { ordersPerSecond?: number } => {
  if (before === undefined || nowMs <= before.nowMs || orders < before.headline.orders.value) return {};
  const seconds = (nowMs - before.nowMs) / SECOND_MS;
  return { ordersPerSecond: (orders - before.headline.orders.value) / seconds };
};

/** The figures of a view, compared with the previous view. */
export const lookOf = (view: BoardView, before: BoardView | undefined): Look => {
  const { headline, coupons, freeOrders, health } = view;
  const orders = headline.orders.value;
  return {
    at: formatTime(view.nowMs),
    campaignId: view.campaignId,
    orders,
    ...rateOf(orders, view.nowMs, before),
    netFen: headline.netFen.value,
    members: headline.members.value,
    ...(coupons && {
      issued: coupons.issued,
      redeemed: coupons.redeemed,
      spentFen: coupons.budgetFen - coupons.remainingFen,
      plannedSpentFen: coupons.plannedSpentFen,
    }),
    ...(freeOrders && { wins: freeOrders.wins }),
    ...timeIf('completeUpTo', view.watermarkMs),
    ...(health && { rejects: health.rejects, deadLetters: health.deadLetters }),
    ...timeIf('pausedSince', view.pausedSinceMs),
    ...timeIf('closedSince', view.closedSinceMs),
  };
};

const CLOCK = { from: 11, to: 19 };
const clockOf = (time: string): string => time.slice(CLOCK.from, CLOCK.to);

/** A look as one line of text. */
export const lookLine = (look: Look): string =>
  [
    clockOf(look.at),
    `${formatCount(look.orders)} orders${look.ordersPerSecond === undefined ? '' : ` (${look.ordersPerSecond.toFixed(1)} a second)`}`,
    `net ${formatFen(look.netFen)}`,
    look.issued === undefined
      ? ''
      : `${formatCount(look.issued)} coupons, ${formatCount(look.redeemed!)} used`,
    look.spentFen === undefined
      ? ''
      : `${formatFen(look.spentFen)} spent, ${formatFen(look.plannedSpentFen!)} planned`,
    look.wins === undefined ? '' : `${formatCount(look.wins)} won`,
    look.completeUpTo === undefined ? '' : `complete up to ${clockOf(look.completeUpTo)}`,
    look.rejects ? `${formatCount(look.rejects)} refused` : '',
    look.deadLetters ? `${formatCount(look.deadLetters)} stuck` : '',
    look.pausedSince === undefined ? '' : `paused since ${clockOf(look.pausedSince)}`,
    look.closedSince === undefined ? '' : `closed since ${clockOf(look.closedSince)}`,
  ]
    .filter((part) => part !== '')
    .join('  ');

/**
 * Looks at a campaign, or at the one that the screen shows. `goesOn` waits until the next look is due and returns whether there
 * is to be one; its argument is the wait in ms. Throws an InputError if there is no such campaign, or no campaign at all.
 */
export const looksAt = async function* (
  { runtime }: Target,
  campaignId: string | undefined,
  everyMs: number,
  goesOn: (restMs: number) => Promise<boolean>,
): AsyncGenerator<Look> {
  let before: BoardView | undefined;
  for (;;) {
    const startMs = runtime.clock.nowMs();
    const view = await readView(runtime, campaignId, startMs);
    if (view === undefined && campaignId !== undefined) throw unknownCampaign(campaignId);
    if (view === undefined) throw new InputError('expected a campaign that is open, got none');
    yield lookOf(view, before?.campaignId === view.campaignId ? before : undefined);
    before = view;
    if (!(await goesOn(Math.max(0, startMs + everyMs - runtime.clock.nowMs())))) return;
  }
};
