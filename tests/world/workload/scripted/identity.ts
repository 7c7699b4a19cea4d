/** Scripts about which events belong to the same order, coupon or entry. Each one shows a fault that the pipeline once had. */
import { paid, refunded, tierOf } from '../events.ts';
import { after, allFree, coupons, order, script } from './script.ts';

/** The two parts of one order each use a coupon, and one part is refunded. */
const twoCouponsOnOneOrder = script('money-01', 4, ({ open, send, onCoupons }) => {
  open(coupons('m01'));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  send(90, order(90, { order: 'b', member: 'm1', fen: 6_000 }));
  onCoupons((known) => {
    if (known.length !== 2) return;
    const [first, second] = known as [string, string];
    const part = { order: 'cart', member: 'm1', fen: 6_000 };
    send(600, order(600, { ...part, brand: 'brand-a', coupon: first }));
    send(601, order(601, { ...part, brand: 'brand-b', coupon: second }));
    send(900, refunded({ ...part, id: 'back', timeMs: after(900), brand: 'brand-b', coupon: second }));
  });
});

/** One part of an order uses a coupon, and the other part is refunded. */
const partsWithoutCoupon = script('money-02', 4, ({ open, send, onCoupons }) => {
  open(coupons('m02'));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  onCoupons(([coupon], member) => {
    const part = { order: 'cart', member, fen: 50_000 };
    send(600, order(600, { ...part, brand: 'brand-a' }));
    send(601, order(601, { ...part, fen: 30_000, brand: 'brand-b', coupon }));
    send(900, refunded({ ...part, id: 'back', timeMs: after(900), brand: 'brand-a' }));
  });
});

/** Two shops use one order number, for two members. And a refund names the order of another member. */
const oneNumberTwoMembers = script('money-03', 2, ({ open, send }) => {
  open(allFree('m03'));
  send(60, order(60, { order: '1001', member: 'm1', fen: 3_000, source: '/shop-1/orders' }));
  send(120, order(120, { order: '1001', member: 'm2', fen: 3_000, source: '/shop-2/orders' }));
  const back = { id: 'back', timeMs: after(240), order: '1002', member: 'm4', fen: 3_000 };
  send(180, order(180, { order: '1002', member: 'm3', fen: 3_000 }));
  send(240, refunded(back));
});

/**
 * Orders that were refused because their members lacked a tier come again after the members have reached it.
 */
const judgedAnew = script('money-04', 2, ({ open, send }) => {
  open(allFree('m04', { tiers: ['gold'] }));
  const orders = Array.from({ length: 20 }, (_, i) =>
    order(60, { order: `o${i}`, member: `m${i}`, fen: 3_000 }),
  );
  send(61, ...orders);
  send(300, ...orders.map((_, i) => tierOf(`t${i}`, after(300), `m${i}`, 'gold')));
  send(600, ...orders);
});

/** Only a member's first order may win, and each member's orders come in the reverse order of their times. */
const firstOrders = script('money-05', 2, ({ open, send }) => {
  open(allFree('m05', { firstOrderOnly: true }));
  for (let member = 0; member < 10; member++) {
    const orders = Array.from({ length: 5 }, (_, i) =>
      order(60 + i, { order: `o${member}-${i}`, member: `m${member}`, fen: 3_000 }),
    );
    send(70 + member, ...orders.reverse());
  }
});

/** Each order belongs to five campaigns with coupons. */
const fiveCampaigns = script('money-06', 4, ({ open, send }) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  open(...names.map((name) => coupons(`m06-${name}`)));
  for (let i = 0; i < 6; i++) send(60 + i, order(60 + i, { order: `o${i}`, member: `m${i}`, fen: 6_000 }));
});

/** A coupon is used for an order below the coupon's threshold. The budget pays for little more than that coupon. */
const brokenTerm = script('money-07', 5, ({ open, send, onCoupons }) => {
  open(coupons('m07', { budgets: [{ pool: 'platform', totalFen: 1_020, presaleShare: 0 }] }));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  onCoupons(([coupon], member) => send(600, order(600, { order: 'b', member, fen: 4_900, coupon })));
});

/** Two orders use one coupon, so the second use is refused. Two campaigns with coupons are on at that time. */
const refusalsEverywhere = script('money-08', 4, ({ open, send, onCoupons }) => {
  open(coupons('m08-a', { perMemberLimit: 1 }), coupons('m08-b', { perMemberLimit: 1 }));
  send(60, order(60, { order: 'a', member: 'm1', fen: 6_000 }));
  onCoupons((known, member) => {
    const coupon = known.find((id) => id.startsWith('m08-a'));
    if (known.length !== 2) return;
    send(600, paid({ id: 'first', timeMs: after(600), order: 'b', member, fen: 6_000, coupon }));
    send(700, paid({ id: 'second', timeMs: after(700), order: 'c', member, fen: 6_000, coupon }));
  });
});

export const IDENTITY = {
  'money-01': twoCouponsOnOneOrder,
  'money-02': partsWithoutCoupon,
  'money-03': oneNumberTwoMembers,
  'money-04': judgedAnew,
  'money-05': firstOrders,
  'money-06': fiveCampaigns,
  'money-07': brokenTerm,
  'money-08': refusalsEverywhere,
};
