/** What a sale is to be sized for. Shares are of all orders, 0 to 1. */
export type Demand = {
  /** Orders and refunds a second at the peak. */
  readonly ordersPerSecond: number;
  readonly brands: number;
  readonly members: number;
  /** Members that the presale considers. */
  readonly audience: number;
  /** Campaigns that are open at once, each of which counts every order. */
  readonly campaigns: number;
  /** Events that producers pack into a message. */
  readonly ordersPerMessage: number;
  /** Orders that bring their member a coupon, and orders that use one. */
  readonly broughtShare: number;
  readonly usedShare: number;
  /** Orders that enter a draw, and orders that win in it. */
  readonly enteredShare: number;
  readonly wonShare: number;
  /** Of the audience, members who get a coupon in the presale. */
  readonly issuedShare: number;
};

/** A sale like the demo's, for what is not said. */
export const DEFAULT_DEMAND: Demand = {
  ordersPerSecond: 1_000,
  brands: 37_000,
  members: 1_000_000,
  audience: 1_000_000,
  campaigns: 1,
  ordersPerMessage: 10,
  broughtShare: 0.2,
  usedShare: 0.1,
  enteredShare: 0.3,
  wonShare: 0.003,
  issuedShare: 1,
};
