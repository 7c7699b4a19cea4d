import type { CampaignDefinition, OrderPaid, PresaleStarted } from '#events/contract.ts';

/** The time at which the tests take place: later than every event that the factories make by default. */
export const NOW_MS = Date.parse('2026-11-23T00:00:00.000Z');

/** A far order by default. `undefined` removes a field. */
export const orderPaid = (
  data: Record<string, unknown> = {},
  envelope: Record<string, unknown> = {},
): OrderPaid => {
  return withoutUndefined({
    specversion: '1.0',
    type: 'order.paid',
    id: 'paid-1',
    source: '/shop/orders',
    time: '2026-11-10T16:00:01.500Z',
    data: withoutUndefined({
      orderId: 'order-1',
      memberId: 'member-1',
      brandId: 'brand-lotus',
      amountFen: 19_900,
      channel: 'far',
      ...data,
    }),
    ...envelope,
  }) as OrderPaid;
};

export const definition = (fields: Record<string, unknown> = {}): CampaignDefinition => {
  return withoutUndefined({
    campaignId: 'double11-2026',
    startsAt: '2026-11-10T16:00:00.000Z',
    endsAt: '2026-11-11T16:00:00.000Z',
    ...fields,
  }) as CampaignDefinition;
};

export const presaleStarted = (fields: Record<string, unknown> = {}): PresaleStarted => {
  return {
    specversion: '1.0',
    type: 'presale.started',
    id: 'opened-1',
    source: '/marketing',
    time: '2026-11-10T15:55:00.000Z',
    data: definition(fields),
  };
};

const withoutUndefined = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
