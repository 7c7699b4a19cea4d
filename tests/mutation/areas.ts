/** Files that are mutated together, and the tests that judge the mutants before runs of `tests/world` do. */
export type Area = {
  readonly name: string;
  /** Files of the project. */
  readonly mutated: readonly string[];
  /** Folders of `tests/` whose unit and property tests judge the area, or single files. */
  readonly judges: readonly string[];
};

/** Money first: an area that hands out value comes before one that counts. */
export const AREAS: readonly Area[] = [
  {
    name: 'budget',
    mutated: [
      'domain/campaigns/arms.ts',
      'domain/campaigns/budget.ts',
      'domain/campaigns/budget-items.ts',
      'domain/grants/debit-planning.ts',
    ],
    judges: ['campaigns', 'grants'],
  },
  {
    name: 'redemption',
    mutated: ['domain/coupons/redeem.ts'],
    judges: [
      'coupons/redeem.unit.test.ts',
      'coupons/refunds.property.test.ts',
      'coupons/decide.unit.test.ts',
    ],
  },
  {
    name: 'draws',
    mutated: [
      'domain/free-orders/draw/draw.ts',
      'domain/free-orders/draw/settlement.ts',
      'domain/free-orders/draw/smallest-tickets.ts',
      'domain/free-orders/draw/ticket.ts',
      'domain/free-orders/rules/eligibility.ts',
    ],
    judges: [
      'free-orders/draw.property.test.ts',
      'free-orders/draw.unit.test.ts',
      'free-orders/eligibility.unit.test.ts',
      'free-orders/smallest-tickets.unit.test.ts',
      'free-orders/ticket.unit.test.ts',
    ],
  },
  {
    name: 'decisions',
    mutated: ['domain/allocation/choose.ts', 'domain/coupons/decide.ts', 'domain/coupons/explore.ts'],
    judges: [
      'allocation/choose.unit.test.ts',
      'coupons/challenger.unit.test.ts',
      'coupons/decide.unit.test.ts',
      'coupons/decide-whole.unit.test.ts',
      'coupons/explore.unit.test.ts',
      'coupons/redemptions.unit.test.ts',
      'coupons/scored.property.test.ts',
    ],
  },
  {
    name: 'pause',
    mutated: ['domain/campaigns/issuing-switch.ts', 'domain/pacing/pause-ahead.ts'],
    judges: [
      'campaigns/issuing-switch.property.test.ts',
      'campaigns/issuing-switch.unit.test.ts',
      'pacing/pause-ahead.unit.test.ts',
    ],
  },
  {
    name: 'links',
    mutated: ['domain/members/links.ts', 'domain/coupons/link-members.ts'],
    judges: [
      'members',
      'coupons/linked.unit.test.ts',
      'coupons/linked-arms.unit.test.ts',
      'coupons/link-members.unit.test.ts',
    ],
  },
  {
    name: 'routes',
    mutated: ['domain/intake/place-order.ts', 'domain/intake/route-order.ts'],
    judges: ['intake/route.unit.test.ts', 'intake/route-order.unit.test.ts'],
  },
  {
    name: 'blocks',
    mutated: ['domain/metrics/block.ts', 'domain/metrics/block-event.ts'],
    judges: [
      'metrics/block-event.unit.test.ts',
      'metrics/block.property.test.ts',
      'metrics/stored-formats.unit.test.ts',
    ],
  },
  {
    name: 'rows',
    mutated: ['domain/metrics/rollup/row.ts'],
    judges: [
      'metrics/compare.unit.test.ts',
      'metrics/row-figures.unit.test.ts',
      'metrics/row.property.test.ts',
      'metrics/stored-formats.unit.test.ts',
      'metrics/stores.property.test.ts',
    ],
  },
];
