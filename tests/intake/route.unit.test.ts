import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { armOf } from '#domain/campaigns/arms.ts';
import { toDelivery } from '#domain/intake/delivery.ts';
import { packMemberEvents } from '#domain/intake/pack.ts';
import { route } from '#domain/intake/route.ts';
import { fromMemberTuple, sourceHashOf } from '#domain/members/member-event.ts';
import { eventIdOf } from '#platform/hash.ts';
import { toBody } from '#platform/queue.ts';
import { couponIdBy } from '../support/coupon-ids.ts';
import { ARMS, delivery, NOW_MS, noise, order, receive, sale, WAIT_MS } from './deliveries.ts';

describe('intake', () => {
  it('passes an order to every open campaign whose span contains its time', () => {
    const other = sale({ campaignId: 'other' });
    const later = sale({ campaignId: 'coupons-later', startsAtMs: NOW_MS });
    const { metrics, rejects } = receive([delivery(order())], [sale(), other, later]);
    expect(metrics.map(({ settings }) => settings.campaignId)).toEqual(['sale', 'other']);
    expect(metrics[0]!.event).toMatchObject({
      label: 'paid/far',
      brand: 'lotus',
      amountFen: 1999,
      member: 'm1',
      timeMs: Date.parse('2026-11-10T12:10:00.000Z'),
    });
    expect(rejects).toEqual([]);
  });

  it("labels an order with its member's arm in a campaign that compares arms, and in no other", () => {
    const deliveries = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'].map((memberId) =>
      delivery(order({ id: memberId }, { memberId, orderId: memberId })),
    );
    const { metrics } = receive(deliveries, [sale({ campaignId: 'coupons-arms' }), sale()]);
    for (const { settings, event } of metrics) {
      const compares = settings.campaignId === 'coupons-arms';
      expect(event.label).toBe(compares ? `paid/far/${armOf(ARMS, event.member)}` : 'paid/far');
    }
    expect(new Set(metrics.map(({ event }) => event.label)).size).toBeGreaterThan(2);
  });

  it('treats the first millisecond of a campaign as part of it, and its end as after it', () => {
    const at = (time: string) => receive([delivery(order({ time }))]).metrics.length;
    expect(at('2026-11-10T12:00:00.000Z')).toBe(1);
    expect(at('2026-11-10T11:59:59.999Z')).toBe(0);
    expect(
      receive([delivery(order({ time: '2026-11-10T12:29:59.999Z' }))], [sale({ endsAtMs: NOW_MS })]).metrics,
    ).toHaveLength(1);
    expect(
      receive([delivery(order({ time: '2026-11-10T12:30:00.000Z' }))], [sale({ endsAtMs: NOW_MS })]).metrics,
    ).toHaveLength(0);
  });

  it('gives an event the same id in any message, and the same event of another source another id', () => {
    const { metrics } = receive([
      delivery([order(), order({ source: 'urn:other' })]),
      delivery(order(), { messageId: 'message-2' }),
    ]);
    const ids = metrics.map(({ event }) => event.id);
    expect(ids[0]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('rejects a bad event alone: others in the message and in the batch pass', () => {
    const { metrics, rejects } = receive([
      delivery([order(), order({ id: 'e2' }, { amountFen: -5 }), order({ id: 'e3' })]),
      delivery('{not json', { messageId: 'message-2' }),
      delivery(order({ id: 'e4' }), { messageId: 'message-3' }),
    ]);
    expect(metrics).toHaveLength(3);
    expect(rejects).toHaveLength(2);
    expect(rejects[0]).toMatchObject({ reason: 'out-of-range', field: 'data.amountFen' });
    expect(rejects[0]!.event).toEqual(order({ id: 'e2' }, { amountFen: -5 }));
    expect(rejects[1]).toMatchObject({ reason: 'not-json', body: '{not json' });
  });

  it('makes the same reject of a refused event that is delivered again, and two rejects of two refused bodies without an id', () => {
    const bad = order({}, { amountFen: -5 });
    const once = receive([delivery(bad)]).rejects[0]!;
    const again = receive([delivery([order(), bad], { messageId: 'message-9' })]).rejects[0]!;
    expect(again.id).toBe(once.id);
    const bodies = receive([delivery('x'), delivery('x', { messageId: 'message-2' })]).rejects;
    expect(bodies[0]!.id).not.toBe(bodies[1]!.id);
    expect(receive([delivery('x')]).rejects[0]!.id).toBe(bodies[0]!.id);
  });

  it('keeps a very large refused body whole', () => {
    const [reject] = receive([delivery('x'.repeat(900_000))]).rejects;
    expect(reject!.deflated).toBeDefined();
    expect(Buffer.byteLength(JSON.stringify(reject))).toBeLessThan(1_000_000);
  });

  it('rejects a body that is nested too deeply to be written again, keeps it, and lets others pass', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    const { metrics, rejects } = receive([delivery(deep), delivery(order(), { messageId: 'message-2' })]);
    expect(metrics).toHaveLength(1);
    expect(rejects).toHaveLength(1);
    expect(rejects[0]).toMatchObject({ reason: 'not-an-object', body: deep });
  });

  it('lets an order without an open campaign wait, and rejects it once it has waited long enough', () => {
    const early = delivery([order(), order({ id: 'e2' })], { sentMs: NOW_MS - WAIT_MS + 1 });
    const first = receive([early], []);
    expect(first.waiting).toEqual([{ events: [order(), order({ id: 'e2' })], sentMs: early.sentMs }]);
    expect(first.rejects).toEqual([]);
    const { waiting, rejects } = receive([{ ...early, sentMs: NOW_MS - WAIT_MS }], []);
    expect(waiting).toEqual([]);
    expect(rejects.map(({ reason, field }) => [reason, field])).toEqual([
      ['no-open-campaign', 'time'],
      ['no-open-campaign', 'time'],
    ]);
  });

  it('rejects an order that comes after the horizon of its window, and says whose horizon that is', () => {
    const { rejects, waiting } = receive([delivery(order())], [sale({ horizonMs: 60_000 })]);
    expect(waiting).toEqual([]);
    expect(rejects[0]).toMatchObject({ reason: 'beyond-horizon', field: 'time' });
    expect(rejects[0]!.message).toBe(
      'time: expected a time after 2026-11-10T12:29:00.000Z, the horizon of sale, got "2026-11-10T12:10:00.000Z"',
    );
  });

  it('passes an order to a campaign that still takes it, even if the order is past the horizon of another', () => {
    const { metrics, rejects } = receive(
      [delivery(order())],
      [sale({ horizonMs: 60_000 }), sale({ campaignId: 'patient' })],
    );
    expect(metrics.map(({ settings }) => settings.campaignId)).toEqual(['patient']);
    expect(rejects).toEqual([]);
  });

  it('passes a presale on', () => {
    const data = {
      campaignId: 'sale',
      startsAt: '2026-11-10T12:00:00.000Z',
      endsAt: '2026-11-10T13:00:00.000Z',
    };
    const { commands } = receive([delivery(order({ type: 'presale.started', data }), { door: 'control' })]);
    expect(commands).toMatchObject([{ type: 'presale.started', data: { campaignId: 'sale' } }]);
  });

  it('passes an erasure on, and nothing else', () => {
    const erased = order({ type: 'member.erased', data: { memberId: 'm1' } });
    const { commands, coupons, metrics, rejects } = receive([delivery(erased, { door: 'control' })]);
    expect(commands).toMatchObject([{ type: 'member.erased', data: { memberId: 'm1' } }]);
    expect({ coupons, metrics, rejects }).toEqual({ coupons: [], metrics: [], rejects: [] });
  });
});

describe('a refund after a campaign has ended', () => {
  const past = sale({
    campaignId: 'free-past',
    startsAtMs: Date.parse('2026-11-03T12:00:00.000Z'),
    endsAtMs: Date.parse('2026-11-03T13:00:00.000Z'),
    horizonMs: 200 * 3_600_000,
  });
  const refund = order({ type: 'order.refunded' });

  it('goes to the draw of the past campaign at once, even if it still waits for a campaign that counts it', () => {
    const first = receive([delivery(refund)], [past]);
    expect(first.freeOrders.map(({ campaigns }) => campaigns)).toEqual([['free-past']]);
    expect(first.waiting).toEqual([{ events: [refund], sentMs: NOW_MS }]);
    const waited = delivery('', { door: 'waiting', waited: [refund], sentMs: NOW_MS - 5_000 });
    const still = receive([waited], [past]);
    expect([still.freeOrders, still.waiting.length]).toEqual([[], 1]);
    const opened = receive([waited], [past, sale()]);
    expect(opened.metrics.map(({ settings }) => settings.campaignId)).toEqual(['sale']);
    expect(opened.freeOrders).toHaveLength(1);
  });

  it('reaches the coupon function if it names a coupon, whichever campaigns have free orders', () => {
    const coupon = sale({ campaignId: 'coupons-past', startsAtMs: past.startsAtMs, endsAtMs: past.endsAtMs });
    const named = order(
      { type: 'order.refunded' },
      { couponId: couponIdBy('first', 'coupons-past', 'm1', 0) },
    );
    const routed = receive([delivery(named, { sentMs: NOW_MS - WAIT_MS })], [past, coupon]);
    expect([routed.coupons.length, routed.freeOrders.length, routed.rejects]).toEqual([1, 1, []]);
  });

  it('is rejected if it comes too late to be counted, and still reaches the coupon function and the draw', () => {
    const sealed = sale({ campaignId: 'coupons-sealed', horizonMs: 60_000 });
    const named = order(
      { type: 'order.refunded' },
      { couponId: couponIdBy('first', 'coupons-sealed', 'm1', 0) },
    );
    const routed = receive([delivery(named)], [past, sealed]);
    expect(routed.rejects.map(({ reason }) => reason)).toEqual(['beyond-horizon']);
    expect([routed.coupons.length, routed.freeOrders.length]).toEqual([1, 1]);
  });
});

describe('a message that is meant to stop intake', () => {
  const good = delivery(order(), { messageId: 'message-2' });

  it('becomes one reject if it holds more than 1,000 events', () => {
    const { rejects, metrics } = receive([delivery(`[${'0,'.repeat(400_000)}0]`), good]);
    expect(rejects.map(({ reason, field }) => [reason, field])).toEqual([['too-large', 'body']]);
    expect(metrics).toHaveLength(1);
    const full = receive([delivery(Array.from({ length: 1_000 }, (_, i) => order({ id: `e${i}` })))]);
    expect([full.metrics.length, full.rejects.length]).toEqual([1_000, 0]);
  });

  it.each([
    ['an id of 1 MB that nothing compresses', order({ id: noise(1_000_000) })],
    ['a body that nothing compresses', noise(1_040_000)],
    ['a body of escapes', '\u0001"\\'.repeat(300_000)],
  ])('is compressed or cut to fit its reject: %s', (_, body) => {
    const { rejects, failures } = receive([delivery(body)]);
    expect(failures).toEqual([]);
    expect(rejects).toHaveLength(1);
    expect(Buffer.byteLength(toBody(rejects[0]))).toBeLessThanOrEqual(1_000_000);
    const { cut, deflated } = rejects[0]!;
    if (deflated === undefined) {
      expect(cut).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(cut!.bytes).toBeGreaterThan(900_000);
      expect(cut!.prefix).toHaveLength(1_000);
    }
  });

  it('becomes one reject if an event has thousands of fields or 40 levels', () => {
    const fieldsOf = (length: number) => Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, 0]));
    let deep: unknown = 0;
    for (let i = 0; i < 40; i++) deep = { deep };
    for (const [field, data] of [
      ['event', fieldsOf(5_000)],
      ['body', fieldsOf(90_000)],
      ['event', deep],
    ] as const) {
      const { rejects, metrics } = receive([delivery({ ...order(), data }), good]);
      expect(rejects.map((reject) => [reject.reason, reject.field])).toEqual([['too-large', field]]);
      expect(metrics).toHaveLength(1);
    }
  });

  it('fails alone if it cannot be routed', () => {
    const { failures, metrics } = receive([delivery(order({ id: 1 }), { sentMs: Number.NaN }), good]);
    expect(failures.map(({ messageId }) => messageId)).toEqual(['message-1']);
    expect(metrics).toHaveLength(1);
  });
});

describe('a delivery', () => {
  const urls = { control: 'https://sqs/1/control', waiting: 'https://sqs/1/waiting' };
  const record = (queue: string, body: string) =>
    ({
      messageId: 'm',
      body,
      eventSourceARN: `arn:aws:sqs:us-east-1:1:${queue}`,
      attributes: { SentTimestamp: '1000', SenderId: 'AROA:me' },
      messageAttributes: { firstSentMs: { stringValue: 'abc' } },
    }) as unknown as SQSRecord;

  it('was sent at the time that its queue states, whatever its producer says', () => {
    expect(toDelivery(record('events', '{}'), urls)).toMatchObject({ door: 'events', sentMs: 1_000 });
    const forged = record('events', JSON.stringify({ firstSentMs: 0, events: [order()] }));
    expect(toDelivery(forged, urls)).toMatchObject({ door: 'events', sentMs: 1_000 });
  });

  it('was first sent at the time that intake states, on the queue to which only intake can send', () => {
    const waited = record('waiting', JSON.stringify({ firstSentMs: 7, events: [order()] }));
    expect(toDelivery(waited, urls)).toMatchObject({ door: 'waiting', sentMs: 7, waited: [order()] });
  });
});

describe('the check of who may send what', () => {
  const tier = order({ type: 'member.updated', data: { memberId: 'm1', tier: '88vip' } });

  it('accepts each type from its own queue only, and names that queue in the rejection', () => {
    const { rejects, coupons, metrics } = receive([
      delivery([tier, order()]),
      delivery([tier, order()], { door: 'control', messageId: 'message-2' }),
    ]);
    expect([coupons.length, metrics.length]).toEqual([1, 1]);
    expect(rejects.map(({ reason, message }) => [reason, message])).toEqual([
      [
        'wrong-queue',
        'type: expected a message to the control queue (ControlQueueUrl), got "member.updated"',
      ],
      ['wrong-queue', 'type: expected a message to the events queue (EventsQueueUrl), got "order.paid"'],
    ]);
  });

  it('accepts a source from any sender or, if entries match the source, from the senders of the longest of them only', () => {
    const from = (sender: string, source = 'urn:shop:1') =>
      receive([delivery(order({ source }), { sender })], undefined, {
        'urn:shop': ['AROASHOP:'],
        'urn:shop:vip': ['AROAVIP:'],
      }).rejects.map(({ reason }) => reason);
    expect(from('AROASHOP:session')).toEqual([]);
    expect(from('AROAOTHER:session')).toEqual(['wrong-sender']);
    expect(from('AROASHOP:session', 'urn:shop:vip')).toEqual(['wrong-sender']);
    expect(from('AROAOTHER:session', 'urn:bakery')).toEqual([]);
  });
});

describe('an event of a member', () => {
  it('goes to the coupon queue after the sale too if it names a coupon of the sale, once no other campaign may open for it', () => {
    const ended = sale({ campaignId: 'coupons-ended', endsAtMs: Date.parse('2026-11-10T12:05:00.000Z') });
    const couponId = couponIdBy('first', 'coupons-ended', 'm1', 0);
    const late = { sentMs: NOW_MS - WAIT_MS };
    const after = receive([delivery(order({}, { couponId }), late)], [ended]);
    expect(after.coupons.map(({ campaigns, event }) => [campaigns, event.id])).toEqual([
      [[], eventIdOf('urn:shop', 'e1')],
    ]);
    expect([after.metrics, after.rejects, after.waiting]).toEqual([[], [], []]);
    expect(receive([delivery(order({}, { couponId }))], [ended]).waiting).toHaveLength(1);
    const among = receive([delivery(order({}, { couponId }))], [ended, sale()]);
    expect([among.coupons.length, among.metrics.length]).toEqual([1, 1]);
    const foreign = receive(
      [delivery(order({}, { couponId: couponIdBy('first', 'sale', 'm1', 0) }), late)],
      [ended],
    );
    expect(foreign.rejects.map(({ reason }) => reason)).toEqual(['no-open-campaign']);
  });

  it('does not go to the coupon queue for a coupon whose campaign begins after the order', () => {
    const couponId = couponIdBy('first', 'coupons-later', 'm1', 0);
    const later = sale({
      campaignId: 'coupons-later',
      startsAtMs: NOW_MS + 60_000,
      endsAtMs: NOW_MS + 120_000,
    });
    const waited = delivery(order({}, { couponId }), { sentMs: NOW_MS - WAIT_MS });
    expect(receive([waited], [later])).toMatchObject({ coupons: [], rejects: [{}] });
  });

  it('goes to the coupon queue with the ids of those of its campaigns that have coupons', () => {
    const { coupons, metrics } = receive(
      [delivery(order({}, { couponId: 'c1' }))],
      [sale(), sale({ campaignId: 'coupons-a' }), sale({ campaignId: 'coupons-b' })],
    );
    expect(metrics).toHaveLength(3);
    expect(coupons).toEqual([
      {
        campaigns: ['coupons-a', 'coupons-b'],
        event: {
          kind: 'paid',
          id: metrics[0]!.event.id,
          timeMs: Date.parse('2026-11-10T12:10:00.000Z'),
          member: 'm1',
          orderId: 'o1',
          brand: 'lotus',
          channel: 'far',
          storeId: '',
          amountFen: 1999,
          couponId: 'c1',
          source: sourceHashOf('urn:shop'),
        },
      },
    ]);
    expect(receive([delivery(order())]).coupons).toEqual([]);
  });

  it('needs no campaign if it states a tier, and shares a message only with events of the same campaigns', () => {
    const tier = order({ type: 'member.updated', data: { memberId: 'm1', tier: '88vip' } });
    const bought = delivery([order(), order({ id: 'e2' })], { messageId: 'message-2' });
    const tiers = delivery([tier, tier], { door: 'control' });
    const { coupons, rejects } = receive([tiers, bought], [sale({ campaignId: 'coupons' })]);
    expect(rejects).toEqual([]);
    const messages = packMemberEvents(coupons);
    expect(messages.map(({ campaigns, events }) => [campaigns, events.length])).toEqual([
      [[], 2],
      [['coupons'], 2],
    ]);
    expect(messages.flatMap(({ events }) => events.map(fromMemberTuple))).toHaveLength(4);
    expect(fromMemberTuple(messages[0]!.events[0]!)).toMatchObject({
      kind: 'tier',
      member: 'm1',
      tier: '88vip',
    });
  });
});

it('a link goes to the coupon queue as the event of its alias, needs no campaign, and must not lead from an id to itself', () => {
  const linked = (aliasId: string) =>
    order({ id: aliasId, type: 'member.linked', data: { memberId: 'm1', aliasId } });
  const { coupons, rejects } = receive([delivery([linked('guest'), linked('m1')], { door: 'control' })]);
  expect(rejects).toMatchObject([{ reason: 'rule-broken', field: 'data.aliasId' }]);
  const [message, ...others] = packMemberEvents(coupons);
  expect(others).toEqual([]);
  expect(message!.events.map(fromMemberTuple)).toEqual([coupons[0]!.event]);
  expect(coupons).toMatchObject([
    { campaigns: [], event: { kind: 'linked', member: 'guest', to: 'm1', event: { type: 'member.linked' } } },
  ]);
});

describe('an order in a campaign with free orders', () => {
  const refund = (time: string) => order({ type: 'order.refunded', time });
  const free = sale({ campaignId: 'free' });

  it('goes to the free-order queue with the ids of its campaigns that have free orders', () => {
    const { freeOrders, coupons } = receive([delivery(order())], [sale(), free]);
    expect(freeOrders.map(({ campaigns, event }) => [campaigns, event.kind])).toEqual([[['free'], 'paid']]);
    expect(coupons).toEqual([]);
  });

  it('does not reach the draw of an extended sale if it was paid at or after the announced end', () => {
    const announcedMs = Date.parse('2026-11-10T12:10:00.000Z');
    const free = { ...sale({ campaignId: 'free' }), plannedEndsAtMs: announcedMs };
    const at = (timeMs: number) =>
      receive([delivery(order({ time: new Date(timeMs).toISOString() }))], [free]);
    expect(at(announcedMs - 1)).toMatchObject({ metrics: [{}], freeOrders: [{ campaigns: ['free'] }] });
    expect(at(announcedMs)).toMatchObject({ metrics: [{}], freeOrders: [], rejects: [] });
  });

  it('reaches the draw after the sale too if it is a refund, for at least 30 days', () => {
    const late = delivery(refund('2026-11-10T13:20:00.000Z'), { sentMs: 0 });
    const receivedAt = (nowMs: number) =>
      route([late], {
        campaigns: [{ settings: free, hasCoupons: false, hasFreeOrders: true, asksFirstOrders: false }],
        nowMs,
        waitMs: 0,
      });
    const inTime = receivedAt(Date.parse('2026-12-10T12:59:00.000Z'));
    expect(inTime.freeOrders.map(({ event }) => event.kind)).toEqual(['refunded']);
    expect(inTime).toMatchObject({ metrics: [], rejects: [] });
    const tooLate = receivedAt(Date.parse('2026-12-10T13:01:00.000Z'));
    expect(tooLate.freeOrders).toEqual([]);
    expect(tooLate.rejects).toMatchObject([{ reason: 'no-open-campaign' }]);
  });

  it('reaches the draw if it is a refund, whatever its time, because the draw itself looks for the refunded order', () => {
    const { freeOrders } = receive([delivery(refund('2026-11-10T11:59:59.940Z'))], [free]);
    expect(freeOrders.map(({ event }) => event.kind)).toEqual(['refunded']);
  });

  it('goes to the coupon function, which keeps profiles, if only first orders may be free', () => {
    const { coupons } = receive([delivery(order())], [sale({ campaignId: 'free-first' })]);
    expect(coupons.map(({ campaigns }) => campaigns)).toEqual([[]]);
  });
});
