import type { Arm } from '#domain/campaigns/arms.ts';
import { ASSIGNED, ELIGIBLE } from '#domain/experiment/assigned.ts';
import { PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import { type Row, tallyOf } from '#domain/metrics/rollup/row.ts';
import type { ArmView } from './view.ts';

const CHANNELS = ['far', 'near'] as const;

const ordersOf = (row: Row, head: string, arm: Arm): { count: number; fen: number } => {
  const sum = { count: 0, fen: 0 };
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
 * and redeemed again counts once.
 */
export const armFigures = (row: Row, arm: Arm): ArmView => {
  const paid = ordersOf(row, PAID, arm);
  const redeemed = tallyOf(row, `coupon-redeemed/${arm}`).count;
  return {
    arm,
    eligible: tallyOf(row, `${ASSIGNED}/${arm}`).count + tallyOf(row, `${ELIGIBLE}/${arm}`).count,
    orders: paid.count,
    netFen: paid.fen - ordersOf(row, REFUNDED, arm).fen,
    issued: tallyOf(row, `coupon-issued/${arm}`).count,
    // A return may be counted before its redemption, because the two may be in different windows.
    redeemed: Math.max(0, redeemed - tallyOf(row, `coupon-returned/${arm}`).count),
  };
};
