// Builds events as producers write them; a field that is left out gets an ordinary value.

export type Fields = Readonly<Record<string, unknown>>;

export type OrderFields = {
  readonly id: string;
  readonly timeMs: number;
  readonly order: string;
  readonly member: string;
  readonly fen: number;
  readonly brand?: string;
  /** The store of a near order. An order without a store is far. */
  readonly store?: string | undefined;
  readonly coupon?: string | undefined;
  readonly source?: string;
};

export const timeText = (timeMs: number): string => new Date(timeMs).toISOString();

const envelope = (
  type: string,
  { id, source, timeMs }: { id: string; source: string; timeMs: number },
  data: Fields,
): Fields => ({
  specversion: '1.0',
  type,
  id,
  source,
  time: timeText(timeMs),
  data,
});

const orderEvent =
  (type: string) =>
  ({ id, timeMs, order, member, fen, brand, store, coupon, source }: OrderFields): Fields =>
    envelope(
      type,
      { id, source: source ?? '/shop/orders', timeMs },
      {
        orderId: order,
        memberId: member,
        brandId: brand ?? 'brand-a',
        ...(store === undefined ? { channel: 'far' } : { channel: 'near', storeId: store }),
        amountFen: fen,
        ...(coupon === undefined ? {} : { couponId: coupon }),
      },
    );

export const paid = orderEvent('order.paid');
export const refunded = orderEvent('order.refunded');

export const tierOf = (id: string, timeMs: number, member: string, tier?: string): Fields =>
  envelope(
    'member.updated',
    { id, source: '/shop/members', timeMs },
    {
      memberId: member,
      ...(tier === undefined ? {} : { tier }),
    },
  );

/** The event that says that `alias` is another id of a member. */
export const linked = (id: string, timeMs: number, alias: string, member: string): Fields =>
  envelope('member.linked', { id, source: '/shop/members', timeMs }, { memberId: member, aliasId: alias });

/** The event that asks to erase a member. */
export const erased = (id: string, timeMs: number, member: string): Fields =>
  envelope('member.erased', { id, source: '/shop/members', timeMs }, { memberId: member });

/** A campaign's definition, with its sections in the form of the contract. */
export type Definition = Fields & {
  readonly campaignId: string;
  readonly startsAt: string;
  readonly endsAt: string;
};

/** The event that pauses a campaign, or resumes it. */
export const switched = (
  type: 'campaign.paused' | 'campaign.resumed',
  campaignId: string,
  timeMs: number,
): Fields =>
  envelope(type, { id: `${type}-${campaignId}-${timeMs}`, source: '/marketing', timeMs }, { campaignId });

/** The event that sets the most that a pool gives. */
export const capped = (campaignId: string, timeMs: number, pool: string, ceilingFen: number): Fields =>
  envelope(
    'campaign.capped',
    { id: `capped-${campaignId}-${timeMs}`, source: '/marketing', timeMs },
    { campaignId, pool, ceilingFen },
  );

/** The event that moves a campaign's end to a later time. */
export const extended = (campaignId: string, timeMs: number, endsMs: number): Fields =>
  envelope(
    'campaign.extended',
    { id: `extended-${campaignId}-${endsMs}`, source: '/marketing', timeMs },
    { campaignId, endsAt: timeText(endsMs) },
  );

export const opened = (
  definition: Definition,
  timeMs: number,
  id = `open-${definition.campaignId}`,
): Fields => envelope('presale.started', { id, source: '/marketing', timeMs }, definition);
