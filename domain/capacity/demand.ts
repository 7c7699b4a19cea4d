/** The demand that a sale is sized for. Shares are from 0 to 1, and of all orders unless stated otherwise. */
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
  /** The shares of orders that earn a coupon and that use one. */
  readonly broughtShare: number;
  readonly usedShare: number;
  /** The shares of orders that enter a draw and that win in it. */
  readonly enteredShare: number;
  readonly wonShare: number;
  /** The share of the audience that gets a coupon in the presale. */
  readonly issuedShare: number;
};

/** The defaults: a sale like the demo's. */
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
