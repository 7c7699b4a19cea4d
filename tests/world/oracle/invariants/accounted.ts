import { inflateRawSync } from 'node:zlib';
import { countingOf } from '../campaigns.ts';
import type { Facts, Invariant, Report, Seen } from '../invariant.ts';
import { eventIdOf, type SentOrder } from '../ledger.ts';
import type { Sent } from '../observation.ts';

type RejectMessage = { reason: string; event?: unknown; body?: string; deflated?: string };

/** Where each event went, according to the messages that workers sent. */
class Ways {
  readonly metrics = new Set<string>();
  readonly coupon = new Set<string>();
  readonly freeOrder = new Set<string>();
  /** Reasons by the refused event's id. */
  readonly rejected = new Map<string, Set<string>>();
  /** What was refused, as JSON. */
  readonly refused = new Set<string>();

  note({ queue, body }: Sent): void {
    switch (queue) {
      case 'metrics':
        for (const [id] of (JSON.parse(body) as { events: [string][] }).events) this.metrics.add(id);
        break;
      case 'coupon':
      case 'free-order':
        for (const [, id] of (JSON.parse(body) as { events: [string, string][] }).events)
          (queue === 'coupon' ? this.coupon : this.freeOrder).add(id);
        break;
      case 'rejects':
        this.#noteReject(JSON.parse(body) as RejectMessage);
        break;
    }
  }

  #noteReject({ reason, event, body, deflated }: RejectMessage): void {
    const value =
      deflated === undefined
        ? (event ?? body ?? null)
        : (JSON.parse(inflateRawSync(Buffer.from(deflated, 'base64')).toString()) as unknown);
    this.refused.add(JSON.stringify(value));
    const { source, id } = (typeof value === 'object' && value !== null ? value : {}) as Record<
      string,
      unknown
    >;
    if (typeof source !== 'string' || typeof id !== 'string') return;
    const eventId = eventIdOf(source, id);
    this.rejected.set(eventId, (this.rejected.get(eventId) ?? new Set()).add(reason));
  }
}

const LATE_REASONS = ['no-open-campaign', 'beyond-horizon'];

/** What is wrong with the route of an order or refund; undefined if nothing is. */
const faultOf = ({ campaigns }: Facts, ways: Ways, order: SentOrder): string | undefined => {
  const { eventId, kind, coupon, sentMs, timeMs } = order;
  const counting = campaigns.listed().map((campaign) => countingOf(campaign, order));
  const reasons = [...(ways.rejected.get(eventId) ?? [])];
  const isRejected = reasons.length > 0;
  if (counting.includes('certain')) {
    if (!ways.metrics.has(eventId)) return 'of an open campaign, and not counted';
    if (reasons.some((reason) => LATE_REASONS.includes(reason)))
      return `of an open campaign, rejected as ${reasons}`;
  }
  const campaign = coupon === undefined ? undefined : campaigns.ofCoupon(coupon);
  const names = campaign?.definition.coupons !== undefined && campaign.listedMs !== undefined;
  const isKnown = names && timeMs >= campaign.startsMs && sentMs > campaign.listedMs! + 60_000;
  if (isKnown && !ways.coupon.has(eventId) && !isRejected)
    return `names coupon ${coupon}, and never reached the coupon function`;
  const isOnWay =
    ways.metrics.has(eventId) ||
    ways.coupon.has(eventId) ||
    (kind === 'refunded' && ways.freeOrder.has(eventId));
  if (!isRejected && !isOnWay) return 'neither counted nor rejected';
  return undefined;
};

/** Every event that was sent reached a function that handles it, or was rejected with a reason. */
export const accounted: Invariant = {
  name: 'accounted',
  begin: (facts, report) => {
    const ways = new Ways();
    const { ledger } = facts;
    const textsOf = (value: unknown, body: string): string[] => [JSON.stringify(value), JSON.stringify(body)];
    return {
      onStep: ({ sent }: Seen) => {
        for (const one of sent) ways.note(one);
      },
      atEnd: ({ atMs }) => {
        for (const contents of ledger.orders.values()) {
          const fault = contents.map((order) => faultOf(facts, ways, order)).find((one) => one !== undefined);
          const { kind, order, member, eventId } = contents[0]!;
          if (fault !== undefined) report(atMs, `${kind} order ${order} of ${member} (${eventId}): ${fault}`);
        }
        for (const { eventId, member } of [...ledger.tiers.values()].flat())
          if (!ways.coupon.has(eventId))
            report(atMs, `tier of ${member} (${eventId}): never reached the member`);
        for (const { value, body } of ledger.bad)
          if (!textsOf(value, body).some((text) => ways.refused.has(text)))
            report(atMs, `not an event, but not rejected: ${body.slice(0, 100)}`);
      },
    };
  },
};

/** Room for rejects that are repeated, in a whole run, beyond two for each order and ten for each message. */
const REPEATED_REJECTS_MAX = 1_000;

/** One bad message must not flood the rejects. */
export const rejectsBounded: Invariant = {
  name: 'rejects-bounded',
  begin: ({ ledger }, report: Report) => {
    let rejects = 0;
    return {
      onStep: ({ sent }) => {
        rejects += sent.filter(({ queue }) => queue === 'rejects').length;
      },
      atEnd: ({ atMs }) => {
        const max = REPEATED_REJECTS_MAX + 2 * ledger.orders.size + 10 * ledger.messages;
        if (rejects > max) report(atMs, `${rejects} rejects of ${ledger.messages} messages`);
      },
    };
  },
};
