/** What the coupons of a simulated sale really did, as expectations under the members' tastes. */

/** The expected effect of one coupon when its member got it. */
export type Effect = {
  /** The arm and offer of the coupon. */
  arm: string;
  offer: string;
  /** Whether the presale gave it, not an order. */
  isPresale: boolean;
  /** The probability that it is used on an order that is not refunded. */
  conversion: number;
  /**
   * The orders that the member would not have made without it, and what it adds to the net amount, by these
   * orders or by making another order larger.
   */
  orders: number;
  netFen: number;
};

/** An arm's coupons together. */
export type ArmTruth = { issued: number; conversions: number; orders: number; netFen: number };

export type Truth = {
  /** By arm: the sums over the arm's coupons. */
  arms: Record<string, ArmTruth>;
  /**
   * Conversion of issued coupons, engine relative to baseline: 0.15 is +15 %. Undefined if one of the two
   * arms has no coupons, or the baseline has no conversions.
   */
  conversionLift: number | undefined;
  /** Intent to treat: what the coupons of an arm brought per eligible member, compared with giving no coupons. */
  ordersPerMember: Record<string, number>;
  netFenPerMember: Record<string, number>;
};

/**
 * The truth of a sale from the effects of its coupons and the eligible members of each arm. Members' purchases without any
 * coupon are part of their tastes, so a coupon that fits one of these converts for sure, and any other converts with its
 * probability of causing an order.
 */
export const truthOf = (effects: Iterable<Effect>, eligible: Readonly<Record<string, number>>): Truth => {
  const arms: Record<string, ArmTruth> = {};
  for (const { arm, conversion, orders, netFen } of effects) {
    arms[arm] ??= { issued: 0, conversions: 0, orders: 0, netFen: 0 };
    const sum = arms[arm];
    sum.issued += 1;
    sum.conversions += conversion;
    sum.orders += orders;
    sum.netFen += netFen;
  }
  const rate = (arm: string): number | undefined =>
    arms[arm] === undefined ? undefined : arms[arm].conversions / arms[arm].issued;
  const engine = rate('engine');
  const baseline = rate('baseline');
  const perMember = (figure: 'orders' | 'netFen'): Record<string, number> =>
    Object.fromEntries(
      Object.entries(eligible).map(([arm, members]) => [
        arm,
        members === 0 ? 0 : (arms[arm]?.[figure] ?? 0) / members,
      ]),
    );
  return {
    arms,
    conversionLift:
      engine === undefined || baseline === undefined || baseline === 0 ? undefined : engine / baseline - 1,
    ordersPerMember: perMember('orders'),
    netFenPerMember: perMember('netFen'),
  };
};
