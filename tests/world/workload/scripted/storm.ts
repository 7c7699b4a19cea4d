import { paid } from '../events.ts';
import { SECOND_MS, type Workload } from '../workload.ts';
import { after, allFree, coupons, order, SALE_MS, script } from './script.ts';

const ORDERS = 2_400;
/** The largest number of further orders. Each of them uses a coupon soon after its grant is published. */
const USES_MAX = 600;
const MEMBERS = 900;
const PER_MESSAGE = 10;
const SPAN_SECONDS = 900;

/** Thousands of orders within minutes: some bring a coupon, some use one, and any may be free. */
const storm = script('storm', 0.75, ({ open, send, onCoupons, stage }) => {
  open(
    coupons('storm-coupons', {
      budgets: [{ pool: 'platform', totalFen: 1_500_000, presaleShare: 0 }],
      arms: { engine: 45, baseline: 45, control: 10 },
      shards: 8,
    }),
    allFree('storm-free', { odds: { win: 1, in: 5 }, quota: 400, budgetFen: 2_000_000, perMember: 2 }),
  );
  const used = new Set<string>();
  onCoupons((known, member) => {
    const coupon = known.at(-1)!;
    if (used.size === USES_MAX || used.has(coupon)) return;
    used.add(coupon);
    const seconds = Math.ceil((stage.scheduler.nowMs - SALE_MS) / SECOND_MS) + 20;
    const fields = { order: `use-${coupon}`, member, fen: 8_000, brand: 'brand-9', coupon };
    send(seconds, order(seconds, fields));
  });
  for (let first = 0; first < ORDERS; first += PER_MESSAGE) {
    const seconds = 60 + Math.floor((first / ORDERS) * SPAN_SECONDS);
    const orders = Array.from({ length: PER_MESSAGE }, (_, i) => {
      const n = first + i;
      const member = `member-${(n * 7) % MEMBERS}`;
      return paid({
        id: `paid-${n}`,
        timeMs: after(seconds) + i,
        order: `order-${n}`,
        member,
        fen: 3_000 + ((n * 37) % 9_000),
        brand: `brand-${n % 8}`,
      });
    });
    send(seconds + 1, ...orders);
  }
});

export const STORM: Readonly<Record<string, () => Workload>> = { storm };
