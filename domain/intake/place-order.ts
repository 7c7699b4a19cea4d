/** Finds the campaigns that an order belongs to. */
import type { OpenCampaign } from '#domain/campaigns/campaigns-table.ts';
import { isPastHorizon, windowStartOf } from '#domain/metrics/levels.ts';
import {
  formatTime,
  type OrderPaid,
  type OrderRefunded,
  type Rejection,
  rejection,
} from '#events/contract.ts';

export type Order = OrderPaid | OrderRefunded;

/** What the routing of orders depends on. */
export type RoutingContext = {
  campaigns: readonly OpenCampaign[];
  nowMs: number;
  /** When the order was first sent. */
  sentMs: number;
  /** Whether an order that no campaign spans may still wait for one to open. */
  mayWait: boolean;
  /** Whether the order comes back from the waiting queue. Destinations that need not wait for a campaign already have it. */
  hasWaited: boolean;
};

export type Placement =
  | { kind: 'campaigns'; campaigns: OpenCampaign[] }
  | { kind: 'waits' }
  /** No campaign that was opened spans the order's time. */
  | { kind: 'outside'; rejection: Rejection }
  /** The window of the order's time is past its horizon in every campaign that spans this time. */
  | { kind: 'too-late'; rejection: Rejection };

/** Finds the campaigns whose span holds an order's time and whose window of that time still takes orders. */
export const placeOrder = (order: Order, { campaigns, nowMs, mayWait }: RoutingContext): Placement => {
  const timeMs = Date.parse(order.time);
  const spanning = campaigns.filter(
    ({ settings: { startsAtMs, endsAtMs } }) => startsAtMs <= timeMs && timeMs < endsAtMs,
  );
  if (spanning.length === 0) {
    if (mayWait) return { kind: 'waits' };
    return {
      kind: 'outside',
      rejection: rejection(
        'no-open-campaign',
        'time',
        'a time within a campaign that was opened',
        order.time,
      ),
    };
  }
  const accepting = spanning.filter(
    ({ settings }) => !isPastHorizon(settings, windowStartOf(settings, timeMs), nowMs),
  );
  if (accepting.length > 0) return { kind: 'campaigns', campaigns: accepting };
  const horizonMs = Math.max(...spanning.map(({ settings }) => settings.horizonMs));
  const earliest = formatTime(nowMs - horizonMs);
  const names = spanning.map(({ settings }) => settings.campaignId).join(', ');
  const expected = `a time after ${earliest}, the horizon of ${names}`;
  return { kind: 'too-late', rejection: rejection('beyond-horizon', 'time', expected, order.time) };
};
