import type { Arm } from '#domain/campaigns/arms.ts';
import type { ArmView } from '#domain/experiment/view.ts';
import { PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import { type Row, tallyOf } from '#domain/metrics/rollup/row.ts';

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
 * An arm as a campaign's total counts it, exactly. Orders are those paid, whether or not they were paid back later, which
 * the net amount tells; a coupon is redeemed while the order that used it is not given back, so that one that was redeemed,
 * given back and redeemed again is one.
 */
export const armFigures = (row: Row, arm: Arm): ArmView => {
  const paid = ordersOf(row, PAID, arm);
  const redeemed = tallyOf(row, `coupon-redeemed/${arm}`).count;
  return {
    arm,
    eligible: tallyOf(row, `eligible/${arm}`).count,
    orders: paid.count,
    netFen: paid.fen - ordersOf(row, REFUNDED, arm).fen,
    issued: tallyOf(row, `coupon-issued/${arm}`).count,
    // A return may be counted before the redemption that it undoes, which may be of another window.
    redeemed: Math.max(0, redeemed - tallyOf(row, `coupon-returned/${arm}`).count),
  };
};
