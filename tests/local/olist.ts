import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { REPOSITORY } from '../support/run-start.ts';

/** Where the data set lies: in the directory that ZHIHUI_DATA names, or else in `shared/data` beside the repository. */
export const OLIST_DIRECTORY = join(process.env.ZHIHUI_DATA ?? join(REPOSITORY, '../shared/data'), 'olist');

export const hasOlist = existsSync(join(OLIST_DIRECTORY, 'olist_orders_dataset.csv'));

export type Figures = { orders: number; refunds: number; grossFen: number; netFen: number };

/** The figures that a replay of the data set must have. */
export type OlistFigures = Figures & { members: number; brands: Record<string, Figures> };

const rowsOf = (file: string): Record<string, string>[] =>
  parse(readFileSync(join(OLIST_DIRECTORY, file)), { columns: true });

const cents = (text: string): bigint => {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(whole!) * 100n + BigInt(`${fraction}00`.slice(0, 2));
};

const figures = (payments: readonly { cents: bigint; isCanceled: boolean }[]): Figures => {
  const gross = payments.reduce((sum, payment) => sum + payment.cents, 0n);
  const refunds = payments.filter(({ isCanceled }) => isCanceled);
  const refunded = refunds.reduce((sum, payment) => sum + payment.cents, 0n);
  return {
    orders: payments.length,
    refunds: refunds.length,
    grossFen: Number(gross),
    netFen: Number(gross - refunded),
  };
};

/**
 * What was paid to one seller in one order: for its items and their freight. If the order was cancelled, this was refunded too.
 * `time` is the wall-clock time of the purchase.
 */
export type Payment = { seller: string; member: string; cents: bigint; isCanceled: boolean; time: string };

/** Reads the payments from the tables alone, sharing no code with the pipeline. */
export const payments = (): Payment[] => {
  const orders = new Map(rowsOf('olist_orders_dataset.csv').map((row) => [row.order_id!, row]));
  const customers = new Map(rowsOf('olist_customers_dataset.csv').map((row) => [row.customer_id!, row]));
  const byPair = Map.groupBy(
    rowsOf('olist_order_items_dataset.csv').filter(({ order_id: order }) => orders.has(order!)),
    ({ order_id: order, seller_id: seller }) => `${order} ${seller}`,
  );
  return [...byPair.values()].map((items) => {
    const { order_id: order, seller_id: seller } = items[0]!;
    const found = orders.get(order!)!;
    return {
      seller: seller!,
      member: customers.get(found.customer_id!)!.customer_unique_id!,
      cents: items.reduce((sum, item) => sum + cents(item.price!) + cents(item.freight_value!), 0n),
      isCanceled: found.order_status === 'canceled',
      time: found.order_purchase_timestamp!,
    };
  });
};

/** Computes the figures that a replay of the whole data set must have. */
export const computeOlist = (): OlistFigures => {
  const all = payments();
  return {
    ...figures(all),
    members: new Set(all.map(({ member }) => member)).size,
    brands: Object.fromEntries(
      [...Map.groupBy(all, ({ seller }) => seller)].map(([seller, theirs]) => [seller, figures(theirs)]),
    ),
  };
};
