import { describe, expect, it } from 'vitest';
import { BrokenWorld, bytes, campaign, text, winItem } from '../../support/oracle-world.ts';
import { paid, refunded, tierOf } from '../workload/events.ts';
import type { BrandFigures, Figures } from './invariant.ts';
import { accounted, rejectsBounded } from './invariants/accounted.ts';
import { definitionsStand } from './invariants/definitions-stand.ts';
import { drained } from './invariants/drained.ts';
import { firstContent, members, metrics } from './invariants/metrics.ts';
import { totals } from './invariants/totals.ts';
import { watermark, watermarkBack } from './invariants/watermark.ts';
import { watermarkTruth } from './invariants/watermark-truth.ts';
import { winMetrics } from './invariants/win-metrics.ts';
import { eventIdOf } from './ledger.ts';

const AT_MS = Date.parse('2026-11-10T16:01:00.000Z');
const order = { id: 'e1', timeMs: AT_MS, order: 'o1', member: 'm1', fen: 6_000, brand: 'brand-a' };

const figuresOf = (orders: number, grossFen: number, more: Partial<BrandFigures & Figures> = {}) => ({
  campaignId: 'c1',
  tallies: new Map([
    ['paid/far', { count: orders, fen: grossFen }],
    ['refunded/far', { count: more.refunds ?? 0, fen: more.refundedFen ?? 0 }],
  ]),
  brands: new Map([
    ['brand-a', { orders, grossFen, refunds: more.refunds ?? 0, refundedFen: more.refundedFen ?? 0 }],
  ]),
  ...more,
});

const world = (...invariants: ConstructorParameters<typeof BrokenWorld>[0]) =>
  new BrokenWorld(invariants).open(campaign());

describe('metrics', () => {
  it('holds if all that was sent is counted once, with either content of an id that has two', async () => {
    const begun = world(metrics)
      .send(paid(order))
      .send(paid(order))
      .send(refunded({ ...order, id: 'b1', fen: 100 }))
      .send(paid({ ...order, fen: 7_000 }));
    const more = { refunds: 1, refundedFen: 100, conflicts: 1 };
    expect(await begun.show(figuresOf(1, 7_000, more)).end()).toEqual([]);
    expect(await begun.show(figuresOf(1, 6_000, more)).end()).toEqual([]);
  });

  it('sees an order that counts twice, in the total and in its brand', async () => {
    const begun = world(metrics).send(paid(order)).show(figuresOf(2, 12_000));
    expect(await begun.end()).toEqual([
      'metrics: c1: orders: expected 1, got 2',
      'metrics: c1: grossFen: expected 6000, got 12000',
      'metrics: c1 brand-a: orders: expected 1, got 2',
      'metrics: c1 brand-a: grossFen: expected 6000, got 12000',
    ]);
  });

  it('sees a store whose order is missing, and a store of which no order was sent', async () => {
    const near = { ...order, store: 'store-1' };
    const begun = world(metrics).send(paid(near));
    const stores = new Map([['store-1', { orders: 1, grossFen: 6_000, refundedFen: 0 }]]);
    expect(await begun.show(figuresOf(1, 6_000, { stores })).end()).toEqual([]);
    const other = new Map([['store-2', stores.get('store-1')!]]);
    expect(await begun.show(figuresOf(1, 6_000, { stores: other })).end()).toEqual([
      'metrics: c1 store-1: orders: expected 1, got 0',
      'metrics: c1 store-1: grossFen: expected 6000, got 0',
      'metrics: c1 store-2: nothing of it was sent',
    ]);
  });

  it('sees a conflict of two contents that nobody sent', async () => {
    const begun = world(metrics)
      .send(paid(order))
      .show(figuresOf(1, 6_000, { conflicts: 1 }));
    expect(await begun.end()).toEqual(['metrics: c1: 1 conflicts, but 0 ids with two contents were sent']);
  });
});

describe('first-content', () => {
  it('sees an event that counts with a content that was sent later than the first', async () => {
    const begun = world(firstContent).send(paid(order));
    begun.atMs++;
    begun.send(paid({ ...order, fen: 1 }));
    expect(await begun.show(figuresOf(1, 6_000)).end()).toEqual([]);
    expect(await begun.show(figuresOf(1, 1)).end()).toEqual([
      'first-content: c1 brand-a: grossFen: expected 6000 by what was sent first, got 1',
    ]);
  });
});

describe('first-content, for two contents sent at the same instant,', () => {
  it('allows either content', async () => {
    const begun = world(firstContent).send([paid(order), paid({ ...order, fen: 1 })]);
    for (const fen of [6_000, 1]) expect(await begun.show(figuresOf(1, fen)).end()).toEqual([]);
  });
});

describe('members', () => {
  it('sees more members than orders', async () => {
    const begun = world(members).show(figuresOf(3, 1, { members: 4 }));
    expect(await begun.end()).toEqual(['members: c1: 4 members made 3 orders']);
  });
});

describe('totals', () => {
  it('sees a total that loses an order', async () => {
    const begun = await world(totals).show(figuresOf(2, 12_000)).look();
    expect(await begun.show(figuresOf(1, 6_000)).end()).toEqual([
      'totals: c1: orders went from 2 to 1',
      'totals: c1 brand-a: orders went from 2 to 1',
    ]);
  });
});

describe('watermark', () => {
  const block = (id: string, brand: string) =>
    [
      'metrics',
      {
        window: text('c1#0#w#0'),
        item: text(`BLOCK#${id}`),
        body: bytes([{ id: `event-${id}`, label: 'paid/far', brand }]),
      },
    ] as const;
  const keyOf = (id: string) => ({ window: text('c1#pending#0'), item: text(`PENDING#w/${id}`) });
  const pending = (id: string) => ['metrics', keyOf(id)] as const;
  const pendingSet = (...ids: string[]) =>
    [
      'metrics',
      { window: text('c1#pending#0'), item: text('PENDING'), blocks: { SS: ids.map((id) => `w/${id}`) } },
    ] as const;
  const MISSING =
    'watermark: c1 brand-b: said to be complete with 0 orders and 0 refunds, but 1 and 0 are folded in';

  it('sees a block that is no longer pending although its order is not in the total', async () => {
    const begun = world(watermark)
      .write(block('1', 'brand-a'), block('2', 'brand-b'))
      .write(pending('1'), pending('2'));
    expect(await begun.show(figuresOf(0, 0)).end()).toEqual([]);
    begun.show(figuresOf(1, 6_000)).remove('metrics', keyOf('1'));
    expect(await begun.end()).toEqual([]);
    expect(await begun.remove('metrics', keyOf('2')).end()).toEqual([MISSING]);
  });

  it('sees such a block at once, even if the order is in the total a moment later', async () => {
    const begun = world(watermark).write(block('2', 'brand-b')).write(pending('2')).show(figuresOf(0, 0));
    const brands = new Map([['brand-b', { orders: 1, grossFen: 1, refunds: 0, refundedFen: 0 }]]);
    begun.remove('metrics', keyOf('2'));
    expect(await begun.show(figuresOf(1, 1, { brands })).end()).toEqual([MISSING]);
  });

  it('sees such a block even if the previous version of the software listed it as pending', async () => {
    const begun = world(watermark)
      .write(block('1', 'brand-a'), block('2', 'brand-b'))
      .write(pendingSet('1', '2'));
    expect(await begun.show(figuresOf(0, 0)).end()).toEqual([]);
    begun.show(figuresOf(1, 6_000)).write(pendingSet('2'));
    expect(await begun.end()).toEqual([]);
    expect(await begun.write(pendingSet()).end()).toEqual([MISSING]);
  });

  it('sees "complete up to" go back', async () => {
    const begun = await world(watermarkBack)
      .show({ campaignId: 'c1', watermarkMs: AT_MS + 1_000 })
      .look();
    expect(await begun.show({ campaignId: 'c1', watermarkMs: AT_MS }).end()).toEqual([
      'watermark-back: c1: complete up to 2026-11-10T16:01:01.000Z, then up to 2026-11-10T16:01:00.000Z',
    ]);
  });
});

describe('watermark-truth', () => {
  const START = '2026-11-10T16:00:00Z';
  const pending = ['metrics', { window: text('c1#pending#0'), item: text(`PENDING#${START}/b1`) }] as const;
  const mark = (completeMs: number) =>
    [
      'metrics',
      { window: text('c1#1#w#0'), item: text('WATERMARK'), completeMs: { N: String(completeMs) } },
    ] as const;
  const looking = (begun: BrokenWorld) =>
    begun.call('Query', { ExpressionAttributeValues: { ':window': text('c1#pending#0') } });
  const startMs = Date.parse(START);

  it('holds up to the start of a pending block, and beyond it if the worker could not know of the block', async () => {
    const begun = world(watermarkTruth).write(pending).wait(1_000);
    expect(await looking(begun).write(mark(startMs)).show({ campaignId: 'c1' }).end()).toEqual([]);
    const other = looking(world(watermarkTruth)).wait(1_000).write(pending);
    expect(await other.write(mark(startMs + 1)).end()).toEqual([]);
  });

  it('sees a time beyond a block that the worker saw pending, and a time that goes back', async () => {
    const begun = looking(world(watermarkTruth).write(pending).wait(1_000));
    expect(
      await begun
        .write(mark(startMs + 1))
        .write(mark(startMs))
        .end(),
    ).toEqual([
      'watermark-truth: c1: complete up to 2026-11-10T16:00:00.001Z, though a block of 2026-11-10T16:00:00.000Z has been pending since 2026-11-10T16:02:00.000Z',
      'watermark-truth: c1: complete up to 2026-11-10T16:00:00.001Z, then up to 2026-11-10T16:00:00.000Z',
    ]);
  });

  it('expects the time of the newest event in the end, and no later one', async () => {
    const begun = world(watermarkTruth)
      .send(paid(order))
      .send(refunded({ ...order, id: 'b1', timeMs: AT_MS + 1 }));
    const newest = (ms: number) =>
      [
        'metrics',
        { window: text('c1#1#w#0'), item: text('WATERMARK'), newestMs: { N: String(AT_MS + ms) } },
      ] as const;
    const at = (ms: number) => begun.show({ campaignId: 'c1', watermarkMs: AT_MS + ms });
    expect(await at(1).write(newest(1)).end()).toEqual([]);
    expect(await at(1).write(newest(0)).end()).toEqual([
      'watermark-truth: c1: the newest time in the end is 2026-11-10T16:01:00.000Z, though 2026-11-10T16:01:00.001Z was counted',
    ]);
    expect((await at(2).write(newest(1)).end()).slice(1)).toEqual([
      'watermark-truth: c1: complete up to 2026-11-10T16:01:00.002Z, though nothing came after 2026-11-10T16:01:00.001Z',
    ]);
  });
});

describe('win-metrics', () => {
  it('sees a win that is counted and was not granted, and one that was revoked and is not counted as revoked', async () => {
    const tallies = (won: number) => new Map([['free-order/won', { count: won, fen: 1_000 * won }]]);
    const begun = world(winMetrics).write(winItem('o1'));
    expect(await begun.show({ campaignId: 'c1', tallies: tallies(1) }).end()).toEqual([]);
    begun.write(winItem('o1', { state: text('revoked') }));
    expect(await begun.show({ campaignId: 'c1', tallies: tallies(2) }).end()).toEqual([
      'win-metrics: c1: the metrics say that 2 orders of 2000 fen are free-order/won, the grants 1 of 1000',
      'win-metrics: c1: the metrics say that 0 orders of 0 fen are free-revoked, the grants 1 of 1000',
    ]);
  });
});

describe('accounted', () => {
  const id = eventIdOf('/shop/orders', 'e1');

  it('holds if an order is counted and a message that is not an event is rejected', async () => {
    const begun = world(accounted).send(paid(order)).send('{');
    begun
      .tell('metrics', { settings: {}, events: [[id]] })
      .tell('rejects', { reason: 'not-json', body: '{' });
    expect(await begun.end()).toEqual([]);
  });

  it('sees that an order, a refund that names a coupon, a tier and a message that is not an event got lost', async () => {
    const begun = world(accounted)
      .send(paid(order))
      .send('{')
      .send(tierOf('t1', AT_MS, 'm1', 'gold'))
      .send(refunded({ ...order, id: 'b1', order: 'o2', coupon: 'c1.00.m1' }));
    begun.tell('metrics', { settings: {}, events: [[eventIdOf('/shop/orders', 'b1')]] });
    expect(await begun.end()).toEqual([
      `accounted: paid order o1 of m1 (${id}): of an open campaign, and not counted`,
      `accounted: refunded order o2 of m1 (${eventIdOf('/shop/orders', 'b1')}): names coupon c1.00.m1, and never reached the coupon function`,
      `accounted: tier of m1 (${eventIdOf('/shop/members', 't1')}): never reached the member`,
      'accounted: not an event, but not rejected: {',
    ]);
  });
});

describe('rejects-bounded', () => {
  it('sees one message that becomes thousands of rejects', async () => {
    const begun = world(rejectsBounded).send([0]);
    for (let i = 0; i < 2_000; i++) begun.tell('rejects', { reason: 'not-an-object', event: 0 });
    expect(await begun.end()).toEqual(['rejects-bounded: 2000 rejects of 1 messages']);
  });
});

describe('definitions', () => {
  it('sees a definition that changes, and an end that nobody sent', async () => {
    const begun = world(definitionsStand).send({
      specversion: '1.0',
      type: 'presale.started',
      id: 'p',
      source: '/marketing',
      time: '2026-11-10T15:00:00.000Z',
      data: campaign({ endsAt: '2026-11-10T16:30:00.000Z' }),
    });
    expect(await begun.open(campaign({ shards: 2 })).end()).toEqual([
      'definitions: c1: its definition changed',
      'definitions: c1: open with an end that nobody sent',
    ]);
  });
});

describe('drained', () => {
  it('sees what is left in a queue, unless it is an output of the pipeline', async () => {
    const left = { name: 'coupon-dead-letters', kind: 'dead-letter', bodies: ['{"events":[]}'] } as const;
    expect(await world(drained).end([left, { name: 'rejects', kind: 'output', bodies: ['x'] }])).toEqual([
      'drained: coupon-dead-letters: 1 messages are left, such as {"events":[]}',
    ]);
  });
});
