import { between, streamOf } from '../random.ts';
import { type OrderFields, paid } from './events.ts';
import { refundsOf, type Sending } from './refunds.ts';
import { BEGIN_MS, MINUTE_MS, type OutboxGrant, SECOND_MS } from './workload.ts';

/** What members do with their coupons: it depends on the seed and the coupon, and not on when they learn of the coupon. */
const KINDS = [
  'use',
  'use',
  'use',
  'use',
  'twice',
  'foreign',
  'under-threshold',
  'parts',
  'with-another',
  'in-time-but-late',
  'after-expiry',
  'before-its-campaign',
  'unused',
] as const;

type Kind = (typeof KINDS)[number];

/** What is paid with a coupon, in fen: far above every threshold. */
const FEN = [12_000, 30_000] as const;

/**
 * How many minutes late the event of an order that uses a coupon in time may be due. It is sent in a burst up to 30 minutes after
 * that. Even then it is sent before the shortest settlement ends, an hour after the coupon expires.
 */
const LATE_MINUTES = [14, 24] as const;

export type UsesOptions = {
  readonly seed: number;
  readonly members: readonly string[];
  /** Coupons that the member got before, the oldest first. */
  readonly others: readonly string[];
  readonly nowMs: number;
};

/** The orders that name a coupon and, for some of them, their refunds. */
export const usesOf = (grant: OutboxGrant, { seed, members, others, nowMs }: UsesOptions): Sending[] => {
  const random = streamOf(seed, `use/${grant.id}`);
  const kind: Kind = KINDS[between(random, 0, KINDS.length - 1)]!;
  const { memberId: owner, expiresAt } = grant.data;
  const expiresMs = Date.parse(expiresAt);
  const soonMs = nowMs + between(random, 5, 300) * SECOND_MS;
  const stranger = members[between(random, 0, members.length - 1)]!;
  const sendings: Sending[] = [];
  let count = 0;
  const order = (timeMs: number, changes: Partial<OrderFields> = {}, delayMs = 1_000): OrderFields => {
    const fields: OrderFields = {
      id: `use-${grant.id}-${count}`,
      order: `cart-${grant.id}-${count++}`,
      timeMs,
      member: owner,
      fen: between(random, ...FEN),
      brand: `brand-${between(random, 0, 4)}`,
      coupon: grant.id,
      ...changes,
    };
    sendings.push({ event: paid(fields), sentMs: timeMs + delayMs });
    return fields;
  };
  const giveBack = (fields: OrderFields): void => {
    sendings.push(...refundsOf(random, fields, { sentMs: fields.timeMs + 2_000, other: stranger }));
  };
  switch (kind) {
    case 'use':
      if (random() < 0.5) giveBack(order(soonMs));
      else order(soonMs);
      break;
    case 'twice': {
      const first = order(soonMs);
      if (random() < 0.5) giveBack(first);
      order(soonMs + between(random, 1, 400) * SECOND_MS);
      break;
    }
    case 'foreign':
      order(soonMs, { member: stranger });
      break;
    case 'under-threshold':
      order(soonMs, { fen: between(random, 1, 900) });
      break;
    case 'parts': {
      // One order across two brands. One part names the coupon.
      const first = order(soonMs);
      const second = order(soonMs + 500, {
        order: first.order,
        brand: 'brand-3',
        coupon: undefined,
        fen: 20_000,
      });
      if (random() < 0.7) giveBack(second);
      break;
    }
    case 'with-another': {
      const [another] = others;
      const first = order(soonMs, { brand: 'brand-1' });
      if (another === undefined) break;
      const second = order(soonMs + 500, { order: first.order, brand: 'brand-2', coupon: another });
      giveBack(second);
      break;
    }
    case 'in-time-but-late':
      order(
        Math.max(nowMs + 1_000, expiresMs - 5 * MINUTE_MS),
        {},
        between(random, ...LATE_MINUTES) * MINUTE_MS,
      );
      break;
    case 'after-expiry':
      order(expiresMs + between(random, 1, 20) * MINUTE_MS);
      break;
    case 'before-its-campaign': {
      const timeMs = BEGIN_MS - between(random, 5, 60) * MINUTE_MS;
      order(timeMs, {}, soonMs - timeMs);
      break;
    }
    case 'unused':
      break;
    default:
      kind satisfies never;
  }
  return sendings;
};
