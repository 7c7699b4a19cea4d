/** What an order, a refresh of rows and a coupon of a presale cost, as measured. */
import measured from './unit-costs.json' with { type: 'json' };

/** Tables of the stack, by the names that reports use. */
export const TABLE_NAMES = ['campaigns', 'members', 'grants', 'draws', 'metrics'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** Write or read units by table; a table that is left out has none. */
export type Units = Readonly<Partial<Record<TableName, number>>>;

/**
 * What some work costs: CPU in ms of one vCPU of the measuring machine, rounds of calls that wait for one another, write and
 * read units, and SQS requests with their bytes.
 */
export type Cost = {
  readonly cpuMs: number;
  readonly rounds: number;
  readonly writeUnits: Units;
  readonly readUnits: Units;
  readonly sends: number;
  readonly sentBytes: number;
};

/** The cost of an invocation that works on n orders: `invocation + n × each`. */
export type LinearCost = { readonly invocation: Cost; readonly each: Cost };

/** The functions that orders go through: all orders or only some of them. */
export type OrderFunction = 'intake' | 'coupon' | 'free-order' | 'metrics';

/**
 * What can happen to an order: it is only counted; a coupon is considered for it but not given; it earns a coupon; it uses one;
 * it enters an instant draw and loses or wins; or it waits in a slot.
 */
export const PATHS = ['counted', 'decided', 'brought', 'used', 'lost', 'won', 'entered'] as const;
export type Path = (typeof PATHS)[number];

/**
 * A refresh of the rows after a change of one window, in a sale with this many brands: the cost without orders, and what each
 * order in the window adds to it, whether it is new or was counted before.
 */
export type Refresh = { readonly brands: number; readonly cost: LinearCost };

/** The results of `npm run capacity:measure`. */
export type UnitCosts = {
  /** When it was measured, as YYYY-MM-DD. */
  readonly measuredOn: string;
  readonly paths: Readonly<Record<Path, Readonly<Partial<Record<OrderFunction, LinearCost>>>>>;
  /** By the number of brands, the smallest first. */
  readonly refreshes: readonly Refresh[];
  /** The presale's work on a member, and on a coupon that it issues. */
  readonly presale: { readonly member: Cost; readonly coupon: Cost };
};

/** The latest measured costs, from the file beside this one. */
export const UNIT_COSTS = measured as UnitCosts;
