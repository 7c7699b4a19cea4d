/** Writes the events of a simulated sale as text. */
import { type CampaignDefinition, formatTime } from '#events/contract.ts';

type Event = { source: string; type: string; id: string; timeMs: number; data: unknown };

/** An event as text, as producers send it. */
const eventText = ({ source, type, id, timeMs, data }: Event): string =>
  JSON.stringify({ specversion: '1.0', id, source, type, time: formatTime(timeMs), data });

export const presaleText = (definition: CampaignDefinition, timeMs: number): string =>
  eventText({
    source: '/marketing/campaigns',
    type: 'presale.started',
    id: `${definition.campaignId}-opened`,
    timeMs,
    data: definition,
  });

export const tierText = (member: string, tier: string, timeMs: number): string =>
  eventText({
    source: '/shop/members',
    type: 'member.updated',
    id: `${member}-tier`,
    timeMs,
    data: { memberId: member, tier },
  });

export type OrderFields = {
  orderId: string;
  member: string;
  brand: string;
  channel: 'far' | 'near';
  storeId: string | undefined;
  amountFen: number;
  couponId: string | undefined;
};

export const orderText = (kind: 'paid' | 'refunded', order: OrderFields, timeMs: number): string =>
  eventText({
    source: '/shop/orders',
    type: `order.${kind}`,
    id: `${order.orderId}-${kind}`,
    timeMs,
    data: {
      orderId: order.orderId,
      memberId: order.member,
      brandId: order.brand,
      channel: order.channel,
      storeId: order.storeId,
      amountFen: order.amountFen,
      couponId: order.couponId,
    },
  });
