/**
 * An estimate with a confidence sequence: at the stated confidence, the intervals of all looks hold together.
 */
export type Interval = { estimate: number; low: number; high: number };

export type ArmView = {
  arm: 'engine' | 'baseline' | 'control';
  /** Members assigned to the arm: those who were known at the presale, and newcomers. */
  eligible: number;
  orders: number;
  netFen: number;
  issued: number;
  /** Coupons that were redeemed; those whose orders were refunded do not count. */
  redeemed: number;
};

export type ExperimentView = {
  /** Between 0 and 1, such as 0.95. */
  confidence: number;
  arms: ArmView[];
  /** Conversion of issued coupons, engine relative to baseline: 0.162 is +16.2 %. Undefined while counts are too small. */
  conversionLift: Interval | undefined;
  /** Orders for each eligible member (intent to treat), less those of the control arm. */
  ordersPerMember: { engine: Interval | undefined; baseline: Interval | undefined };
  /** Net fen for each eligible member (intent to treat), less those of the control arm. */
  netFenPerMember: { engine: Interval | undefined; baseline: Interval | undefined };
  sampleRatio: {
    /** An anytime-valid p-value: a small one means that the arms do not hold their assigned shares of members. */
    pValue: number;
    isMismatched: boolean;
  };
  /**
   * Members per arm that are needed to detect a lift of 15 % with 80 % power; undefined when there are enough, and before
   * anything has converted.
   */
  membersNeeded: number | undefined;
};
