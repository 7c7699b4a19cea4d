import { between } from '../random.ts';
import { type Fields, type OrderFields, refunded } from './events.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './workload.ts';

/** An event and when its producer sends it. */
export type Sending = {
  readonly event: unknown;
  readonly sentMs: number;
  /** In a message of its own, which another worker may take at the same time. */
  readonly isAlone?: true;
};

/** Ways in which an order is refunded. */
const KINDS = [
  'full',
  'full',
  'before',
  'at-once',
  'at-once',
  'twice',
  'parts',
  'part',
  'too-much',
  'foreign',
  'long-after',
  'late',
] as const;

type Kind = (typeof KINDS)[number];

const LATENESS_MS = [20 * MINUTE_MS, 50 * MINUTE_MS] as const;

/** The refunds of a paid order, in one of several ways chosen at random. `other` is a member who did not pay the order. */
export const refundsOf = (
  random: () => number,
  order: OrderFields,
  { sentMs, other }: { sentMs: number; other: string },
): Sending[] => {
  const kind: Kind = KINDS[between(random, 0, KINDS.length - 1)]!;
  const after = between(random, 5, 300) * SECOND_MS;
  const coupon = random() < 0.5 ? order.coupon : undefined;
  let count = 0;
  const refund = (fen: number, delayMs: number, changes: Partial<OrderFields> = {}): Sending => {
    const timeMs = order.timeMs + delayMs;
    const event: Fields = refunded({
      ...order,
      coupon,
      id: `${order.id}-back-${count++}`,
      timeMs,
      fen,
      ...changes,
    });
    return { event, sentMs: Math.max(timeMs, sentMs) + between(random, 0, 3) * SECOND_MS };
  };
  const half = Math.max(1, Math.floor(order.fen / 2));
  switch (kind) {
    case 'full':
      return [refund(order.fen, after)];
    case 'before':
      return [{ ...refund(order.fen, 1), sentMs: order.timeMs + 1 }];
    case 'at-once':
      return [{ ...refund(order.fen, 1_000), sentMs, isAlone: true }];
    case 'twice':
      return [refund(order.fen, after), refund(order.fen, after + 20 * SECOND_MS)];
    case 'parts':
      return [refund(half, after), refund(order.fen - half || 1, after + 40 * SECOND_MS)];
    case 'part':
      return [refund(half, after)];
    case 'too-much':
      return [refund(order.fen + between(random, 1, 2_000), after)];
    case 'foreign':
      return [refund(order.fen, after, { member: other })];
    case 'long-after':
      return [refund(order.fen, between(random, 40, 80) * MINUTE_MS)];
    case 'late': {
      const late = refund(order.fen, after);
      return [
        { ...late, sentMs: Math.min(late.sentMs + between(random, ...LATENESS_MS), sentMs + 2 * HOUR_MS) },
      ];
    }
    default:
      return kind satisfies never;
  }
};
