/** An arm's counts, from a campaign's total. */
import type { Arm } from '#domain/campaigns/arms.ts';
import { ASSIGNED, ELIGIBLE } from '#domain/experiment/assigned.ts';
import { LEFT_OUT } from '#domain/experiment/left-out.ts';
import { PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import { type Row, tallyOf } from '#domain/metrics/rollup/row.ts';
import type { ArmView } from './view.ts';

const CHANNELS = ['far', 'near'] as const;

/** Orders in an arm, less those that the comparison leaves out. */
const countedOf = (row: Row, head: string, arm: Arm): { count: number; fen: number } => {
  const leftOut = tallyOf(row, `${LEFT_OUT}/${head}/${arm}`);
  const sum = { count: -leftOut.count, fen: -leftOut.fen };
  for (const channel of CHANNELS) {
    const { count, fen } = tallyOf(row, `${head}/${channel}/${arm}`);
    sum.count += count;
    sum.fen += fen;
  }
  return sum;
};

/**
 * An arm's exact counts in a campaign's total. Orders are paid orders, whether or not they were refunded later. The net amount
 * is what was paid less refunds. A coupon counts as redeemed unless its order was refunded, so one that was redeemed, returned
 * and redeemed again counts once. Events that name a linked alias are left out, see `left-out.ts`.
 */
export const armFigures = (row: Row, arm: Arm): ArmView => {
  const paid = countedOf(row, PAID, arm);
  const ofCoupons = (head: string): number =>
    tallyOf(row, `${head}/${arm}`).count - tallyOf(row, `${LEFT_OUT}/${head}/${arm}`).count;
  return {
    arm,
    eligible: tallyOf(row, `${ASSIGNED}/${arm}`).count + tallyOf(row, `${ELIGIBLE}/${arm}`).count,
    orders: paid.count,
    netFen: paid.fen - countedOf(row, REFUNDED, arm).fen,
    issued: ofCoupons('coupon-issued'),
    // A return may be counted before its redemption, because the two may be in different windows.
    redeemed: Math.max(0, ofCoupons('coupon-redeemed') - ofCoupons('coupon-returned')),
  };
};
