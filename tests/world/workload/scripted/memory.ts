/**
 * Scripts about messages that come late or again, the routing of events, and decisions with too many actions for one transaction.
 * Each one shows a fault that the pipeline once had.
 */
import { refunded, timeText } from '../events.ts';
import { DAY_MS, MINUTE_MS } from '../workload.ts';
import { after, allFree, coupons, order, SALE_MS, script } from './script.ts';

const HOUR_SECONDS = 3_600;

/** A coupon is used in time, but the order arrives after the coupon has expired. The budget is little more than its cost. */
const inTimeButLate = script('money-09', 5, ({ open, onCoupons, send, stage }) => {
  open(coupons('m09', { budgets: [{ pool: 'platform', totalFen: 1_020, presaleShare: 0 }] }));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  onCoupons(([coupon], member) => {
    const late = order(2 * HOUR_SECONDS - 600, { order: 'b', member, fen: 6_000, coupon });
    stage.send(late, after(2 * HOUR_SECONDS) + 45 * MINUTE_MS);
  });
});

/** An order with a coupon comes again after 40 other orders of its member, more than the pipeline remembers. */
const forgottenPayment = script('money-10', 2, ({ open, send, onCoupons }) => {
  open(coupons('m10', { perMemberLimit: 1 }));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  onCoupons(([coupon], member) => {
    const use = order(300, { order: 'used', member, fen: 30_000, coupon });
    send(301, use);
    for (let i = 0; i < 40; i++) send(400 + i, order(400 + i, { order: `other-${i}`, member, fen: 2_000 }));
    send(1_200, use);
  });
});

/** All messages to the metrics function come again ten days later, in a campaign whose horizon is an hour. */
const redrivenMetrics = script('money-11', 11 * 24, ({ open, send, stage }) => {
  const definition = coupons('m11');
  open({ ...definition, metrics: { windowSeconds: 300, horizonHours: 1 } });
  for (let i = 0; i < 20; i++) send(10 + i, order(10 + i, { order: `o${i}`, member: `m${i}`, fen: 6_000 }));
  stage.redrive('metrics', SALE_MS + 10 * DAY_MS);
});

/** An order in two campaigns uses a coupon of the first and is free in the second. Its refund comes when both are over. */
const refundOfAnotherSale = script('money-15', 6, ({ open, send, onCoupons }) => {
  open(coupons('m15'), allFree('m15-free', {}, 2));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  onCoupons(([coupon], member) => {
    const fields = { order: 'b', member, fen: 6_000, coupon };
    send(600, order(600, fields));
    const backSeconds = 3 * HOUR_SECONDS;
    send(backSeconds, refunded({ ...fields, id: 'back', timeMs: after(backSeconds) }));
  });
});

/** One member wins with 60 orders in one message, and another member with one order. */
const manyWinsOfOne = script('money-16', 2, ({ open, send }) => {
  open(allFree('m16'));
  const wins = Array.from({ length: 60 }, (_, i) => order(60, { order: `o${i}`, member: 'm1', fen: 3_000 }));
  send(61, ...wins, order(60, { order: 'honest', member: 'm2', fen: 3_000 }));
});

/** A campaign with money for little more than one coupon, spread over `shards` shards. */
const scattered = (campaignId: string, shards: number, totalFen: number) =>
  coupons(campaignId, { shards, budgets: [{ pool: 'platform', totalFen, presaleShare: 0 }] });

/** An order earns a coupon of each of two campaigns. In both, a shard has 12 fen at most, so a coupon must debit 84 shards. */
const scatteredBudgets = script('money-17', 2, ({ open, send }) => {
  open(scattered('m17-a', 96, 1_152), scattered('m17-b', 96, 1_152));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
});

/**
 * An order uses a coupon and earns the last coupon of each of three scattered budgets: a transaction of 101 actions, one more
 * than fits.
 */
const noRoom = script('money-18', 2, ({ open, send, onCoupons }) => {
  const startsAt = timeText(after(1_200));
  const budgets = [scattered('m18-a', 96, 1_213), scattered('m18-b', 8, 1_020), scattered('m18-c', 8, 1_020)];
  open(coupons('m18', { perMemberLimit: 1 }), ...budgets.map((one) => ({ ...one, startsAt })));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  onCoupons(([coupon]) => send(1_500, order(1_500, { order: 'b', member: 'm1', fen: 6_000, coupon })));
});

export const MEMORY = {
  'money-09': inTimeButLate,
  'money-10': forgottenPayment,
  'money-11': redrivenMetrics,
  'money-15': refundOfAnotherSale,
  'money-16': manyWinsOfOne,
  'money-17': scatteredBudgets,
  'money-18': noRoom,
};
