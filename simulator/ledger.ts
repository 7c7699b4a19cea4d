/** The figures of a simulated sale as the simulator knows them, to compare with those of the pipeline. */
import type { Brand } from './brands.ts';

/** The totals of a campaign's events, as their sender knows them. */
export type Ledger = {
  orders: number;
  refunds: number;
  grossFen: number;
  refundedFen: number;
  /** By brand, what was paid less what was refunded, in fen. */
  netFen: Map<string, number>;
  members: Set<string>;
  /** Members with an order that takes part in the free-order promotion. */
  participants: Set<string>;
};

export const emptyLedger = (): Ledger => ({
  orders: 0,
  refunds: 0,
  grossFen: 0,
  refundedFen: 0,
  netFen: new Map(),
  members: new Set(),
  participants: new Set(),
});

const add = ({ netFen }: Ledger, brand: string, fen: number): void => {
  netFen.set(brand, (netFen.get(brand) ?? 0) + fen);
};

export const enterOrder = (
  ledger: Ledger,
  order: { member: string; brand: string; amountFen: number; takesPart: boolean },
): void => {
  ledger.orders += 1;
  ledger.grossFen += order.amountFen;
  add(ledger, order.brand, order.amountFen);
  ledger.members.add(order.member);
  if (order.takesPart) ledger.participants.add(order.member);
};

export const enterRefund = (
  ledger: Ledger,
  { brand, amountFen }: { brand: string; amountFen: number },
): void => {
  ledger.refunds += 1;
  ledger.refundedFen += amountFen;
  add(ledger, brand, -amountFen);
};

/** The headline figures of a sale beside last year's. */
export type Headline = {
  orders: number;
  refunds: number;
  grossFen: number;
  netFen: number;
  members: number;
  participants: number;
  brandsAtLine: number;
  brandsDoubled: number;
  lastYearMembers: number;
  lastYearNetFen: number;
};

/**
 * The headline figures of a sale. A brand is doubled if its net amount is more than twice last year's; a brand that sold nothing
 * last year is not counted as doubled. `lineFen` is the line: the net amount from which a brand counts in `brandsAtLine`.
 */
export const headlineOf = (ledger: Ledger, lastYear: Ledger, lineFen: number): Headline => {
  const nets = [...ledger.netFen];
  return {
    orders: ledger.orders,
    refunds: ledger.refunds,
    grossFen: ledger.grossFen,
    netFen: ledger.grossFen - ledger.refundedFen,
    members: ledger.members.size,
    participants: ledger.participants.size,
    brandsAtLine: nets.filter(([, fen]) => fen >= lineFen).length,
    brandsDoubled: nets.filter(([brand, fen]) => {
      const lastYearFen = lastYear.netFen.get(brand) ?? 0;
      return lastYearFen > 0 && fen > 2 * lastYearFen;
    }).length,
    lastYearMembers: lastYear.members.size,
    lastYearNetFen: lastYear.grossFen - lastYear.refundedFen,
  };
};

/** How much room each brand has below its ceiling, beyond what it is planned to sell. */
export class Rooms {
  readonly #leftFen: Float64Array;

  constructor(brands: readonly Brand[]) {
    this.#leftFen = Float64Array.from(brands, ({ isStar, ceilingFen, plannedFen, plannedGrossFen }) =>
      // A brand that is no star must not exceed its ceiling even before its refunds come.
      isStar ? ceilingFen - plannedFen : ceilingFen - Math.max(plannedFen, plannedGrossFen),
    );
  }

  /** Takes room at a brand. Returns false, and takes nothing, if there is not enough. */
  take(at: number, fen: number): boolean {
    if (fen > this.#leftFen[at]!) return false;
    this.#leftFen[at]! -= fen;
    return true;
  }
}
