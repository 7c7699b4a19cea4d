import { describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import type { OpenCampaign } from '#domain/campaigns/campaigns-table.ts';
import { REFUND_HORIZON_MS } from '#domain/campaigns/refund-horizon.ts';
import type { Order, RoutingContext } from '#domain/intake/place-order.ts';
import { type OrderRoute, routeOrder } from '#domain/intake/route-order.ts';
import { memberEventOf } from '#domain/members/member-event.ts';
import { eventIdOf } from '#platform/hash.ts';
import { couponIdBy } from '../support/coupon-ids.ts';
import { ARMS, NOW_MS, order, sale } from './deliveries.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-11-10T12:00:00.000Z');
const END_MS = Date.parse('2026-11-10T13:00:00.000Z');

const opened = (
  campaignId: string,
  changes: Partial<OpenCampaign> = {},
  settings: Partial<OpenCampaign['settings']> = {},
): OpenCampaign => ({
  settings: sale({ campaignId, ...settings }),
  hasCoupons: false,
  hasFreeOrders: false,
  asksFirstOrders: false,
  ...changes,
});

const orderOf = (changes: Record<string, unknown> = {}, data: Record<string, unknown> = {}): Order =>
  order(changes, data) as Order;
const refund = (changes: Record<string, unknown> = {}): Order =>
  orderOf({ type: 'order.refunded', ...changes });
const naming = (campaignId: string, changes: Record<string, unknown> = {}): Order =>
  orderOf(changes, { couponId: couponIdBy('AAAAAAAAAAAAAAAA', campaignId, 'm1', 0) });

const routed = (
  one: Order,
  campaigns: readonly OpenCampaign[],
  changes: Partial<RoutingContext> = {},
): OrderRoute =>
  routeOrder(one, { campaigns, nowMs: NOW_MS, sentMs: NOW_MS, mayWait: false, hasWaited: false, ...changes });

/** The ids of the campaigns that each receiver gets the order for. */
const receivers = ({ metrics, coupon, freeOrder, ...rest }: OrderRoute) => ({
  ...(metrics && { metrics: metrics.map(({ settings }) => settings.campaignId) }),
  ...(coupon && { coupon: coupon.campaigns }),
  ...(freeOrder && { freeOrder: freeOrder.campaigns }),
  ...(rest.waits && { waits: true }),
  ...(rest.misses && { misses: true }),
  ...(rest.rejection && { rejected: rest.rejection.reason }),
});

describe('an order in the metrics of a campaign', () => {
  it('is counted under its type and channel, by its own time', () => {
    const paid = orderOf({}, { channel: 'near', storeId: 's1' });
    expect(routed(paid, [opened('sale')], { sentMs: NOW_MS - 5 })).toEqual({
      metrics: [
        {
          settings: sale({ campaignId: 'sale' }),
          event: {
            id: eventIdOf('urn:shop', 'e1'),
            timeMs: Date.parse('2026-11-10T12:10:00.000Z'),
            label: 'paid/near',
            brand: 'lotus',
            amountFen: 1999,
            member: 'm1',
            sentMs: NOW_MS - 5,
            store: 's1',
          },
        },
      ],
    });
    const { event } = routed(refund(), [opened('sale')]).metrics![0]!;
    expect(event).toMatchObject({ label: 'refunded/far' });
    expect(event).not.toHaveProperty('store');
  });

  it('is counted in the arm of its member where arms are compared', () => {
    const { event } = routed(orderOf(), [opened('sale', { assignment: ARMS })]).metrics![0]!;
    expect(event.label).toBe(`paid/far/${armOf(ARMS, 'm1')}`);
  });
});

describe('an order', () => {
  it('reaches the coupon function whole, with the campaigns that have coupons', () => {
    const campaigns = [opened('a', { hasCoupons: true }), opened('b'), opened('c', { hasCoupons: true })];
    const route = routed(orderOf(), campaigns);
    expect(receivers(route)).toEqual({ metrics: ['a', 'b', 'c'], coupon: ['a', 'c'] });
    expect(route.coupon!.event).toEqual(memberEventOf(orderOf()));
  });

  it('for campaigns without coupons reaches the coupon function only if one of them asks for first orders, and then without campaigns', () => {
    expect(receivers(routed(orderOf(), [opened('a', { asksFirstOrders: true })]))).toEqual({
      ...{ metrics: ['a'], coupon: [] },
    });
    expect(receivers(routed(orderOf(), [opened('a')]))).toEqual({ metrics: ['a'] });
    const one = [opened('a'), opened('b', { asksFirstOrders: true })];
    expect(receivers(routed(orderOf(), one))).toEqual({ metrics: ['a', 'b'], coupon: [] });
  });

  it('reaches the draws of the campaigns that count it, up to the end with which they were opened', () => {
    const free = { hasFreeOrders: true };
    const campaigns = [
      opened('draws', free),
      opened('none'),
      opened('extended', free, { plannedEndsAtMs: Date.parse('2026-11-10T12:10:00.000Z') }),
      opened('later', free, { startsAtMs: NOW_MS }),
    ];
    const route = routed(orderOf(), campaigns);
    expect(receivers(route)).toEqual({ metrics: ['draws', 'none', 'extended'], freeOrder: ['draws'] });
    const before = orderOf({ time: '2026-11-10T12:09:59.999Z' });
    expect(receivers(routed(before, campaigns)).freeOrder).toEqual(['draws', 'extended']);
  });
});

describe('a refund', () => {
  const draw = [opened('draws', { hasFreeOrders: true }), opened('none')];
  const old = refund({ time: '2026-11-01T12:00:00.000Z' });

  it.each([
    ['reaches every draw until thirty days after the sale', END_MS + REFUND_HORIZON_MS - 1, draw, ['draws']],
    ['reaches no draw from thirty days after the sale on', END_MS + REFUND_HORIZON_MS, draw, undefined],
    [
      'reaches a draw for longer if the campaign’s horizon is longer',
      END_MS + 40 * DAY_MS - 1,
      [opened('draws', { hasFreeOrders: true }, { horizonMs: 40 * DAY_MS })],
      ['draws'],
    ],
  ])('%s', (_, nowMs, campaigns, expected) => {
    const route = receivers(routed(old, campaigns, { nowMs }));
    expect(route).toEqual(
      expected === undefined ? { rejected: 'no-open-campaign' } : { freeOrder: expected },
    );
  });
});

describe('an order that names a coupon', () => {
  const coupons = { hasCoupons: true };
  const past = { endsAtMs: START_MS + 1 };

  it('reaches the coupon function without campaigns if the coupon’s sale is over, also if another sale counts the order', () => {
    expect(receivers(routed(naming('past'), [opened('past', coupons, past)]))).toEqual({ coupon: [] });
    expect(receivers(routed(naming('past'), [opened('past', coupons, past), opened('now')]))).toEqual({
      ...{ metrics: ['now'], coupon: [] },
    });
  });

  it.each([
    [
      'the coupon’s campaign gives no coupons',
      naming('past'),
      opened('past', {}, past),
      { rejected: 'no-open-campaign' },
    ],
    [
      'the coupon’s campaign begins after the order’s time',
      naming('later', { time: '2026-11-10T11:59:59.999Z' }),
      opened('later', coupons),
      { rejected: 'no-open-campaign' },
    ],
    ['what it names is not a coupon’s id', orderOf({}, { couponId: 'x' }), opened('a'), { metrics: ['a'] }],
    ['the coupon’s id is removed from it', orderOf(), opened('a'), { metrics: ['a'] }],
  ])('does not reach the coupon function if %s', (_, one, campaign, expected) => {
    expect(receivers(routed(one, [campaign]))).toEqual(expected);
  });

  it('reaches the coupon function from the first millisecond of the coupon’s campaign on', () => {
    const first = naming('now', { time: '2026-11-10T12:00:00.000Z' });
    expect(receivers(routed(first, [opened('now', coupons)])).coupon).toEqual(['now']);
    const ended = [opened('now', coupons, { endsAtMs: START_MS })];
    expect(receivers(routed(first, ended))).toEqual({ coupon: [] });
  });

  it('is marked if the coupon’s campaign is unknown, and still goes wherever else it belongs', () => {
    expect(receivers(routed(naming('unknown'), [opened('a'), opened('b')]))).toEqual({
      ...{ metrics: ['a', 'b'], misses: true },
    });
    expect(receivers(routed(naming('a'), [opened('a'), opened('b')]))).toEqual({ metrics: ['a', 'b'] });
  });
});

describe('an order that no campaign counts', () => {
  const late = { nowMs: NOW_MS + 2 * 3_600_000 };

  it('waits if a campaign may still open for it; draws that are known get it at once, and only once', () => {
    const old = refund({ time: '2026-11-01T12:00:00.000Z' });
    const draws = [opened('draws', { hasFreeOrders: true })];
    expect(receivers(routed(old, draws, { mayWait: true }))).toEqual({ freeOrder: ['draws'], waits: true });
    expect(receivers(routed(old, draws, { mayWait: true, hasWaited: true }))).toEqual({ waits: true });
  });

  it('is rejected if nobody else takes it, and always if it is too late to be counted', () => {
    expect(receivers(routed(orderOf(), []))).toEqual({ rejected: 'no-open-campaign' });
    const campaigns = [opened('sale', { hasCoupons: true, hasFreeOrders: true })];
    expect(receivers(routed(orderOf(), campaigns, late))).toEqual({ rejected: 'beyond-horizon' });
    expect(receivers(routed(naming('sale', { type: 'order.refunded' }), campaigns, late))).toEqual({
      ...{ coupon: [], freeOrder: ['sale'], rejected: 'beyond-horizon' },
    });
  });

  it('is rejected with a message that gives the longest horizon of the campaigns that would have counted it, and their names', () => {
    const campaigns = [opened('short', {}, { horizonMs: 1_000 }), opened('long')];
    expect(routed(orderOf(), campaigns, late).rejection!.message).toContain(
      'a time after 2026-11-10T13:30:00.000Z, the horizon of short, long',
    );
  });
});
