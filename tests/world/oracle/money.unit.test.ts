import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  BrokenWorld,
  campaign,
  grantItem,
  number,
  shardItem,
  text,
  winItem,
} from '../../support/oracle-world.ts';
import { budget } from './invariants/budget.ts';
import { ceilings } from './invariants/ceilings.ts';
import { issuedValid } from './invariants/issued-valid.ts';
import { limits } from './invariants/limits.ts';
import { oneDebit } from './invariants/one-debit.ts';
import { outbox } from './invariants/outbox.ts';
import { propensities } from './invariants/propensities.ts';
import { uniqueIds } from './invariants/unique-ids.ts';

const told = (memberId = 'm1', amountFen = 1_000, type = 'coupon.granted') => [
  { type, id: 'c1.00.m1', data: { grantId: 'c1.00.m1', memberId, amountFen } },
];

describe('budget', () => {
  const begun = () =>
    new BrokenWorld([budget])
      .open(campaign({ freeOrders: undefined }))
      .write(shardItem('engine/platform', 5_000));

  it('holds if a grant and its debit are written together', async () => {
    expect(await begun().write(grantItem(), shardItem('engine/platform', 4_000)).end()).toEqual([]);
  });

  it('sees a grant without its debit', async () => {
    expect(await begun().write(grantItem()).end()).toEqual([
      'budget: c1#engine/platform: grants hold 1000, but 0 were taken out',
    ]);
  });

  it('sees a shard below zero', async () => {
    const world = begun().write(grantItem({ faceFen: number(5_100) }), shardItem('engine/platform', -100));
    expect(await world.end()).toEqual([
      'budget: shard c1 BUDGET#engine/platform#00: expected at least 0, got -100',
      'budget: c1#engine/platform: grants hold 5100 of 5000',
    ]);
  });

  it('sees money that is put back twice', async () => {
    const world = begun()
      .write(grantItem(), shardItem('engine/platform', 4_000))
      .write(grantItem({ state: text('expired') }), shardItem('engine/platform', 5_000))
      .write(shardItem('engine/platform', 6_000));
    expect(await world.end()).toEqual([
      'budget: c1#engine/platform: grants hold 0, but -1000 were taken out',
    ]);
  });

  it('sees a budget that begins with more than was defined', async () => {
    const world = new BrokenWorld([budget])
      .open(campaign({ freeOrders: undefined }))
      .write(shardItem('engine/platform', 5_001));
    expect(await world.end()).toEqual(['budget: c1 platform: expected 5000 to begin with, got 5001']);
  });
});

describe('one-debit', () => {
  it('accepts a debit that is written with its grant, and sees one without its grant', async () => {
    const world = new BrokenWorld([oneDebit]).write(shardItem('engine/platform', 5_000));
    expect(await world.write(grantItem(), shardItem('engine/platform', 4_000)).end()).toEqual([]);
    expect(await world.write(shardItem('engine/platform', 3_000)).end()).toEqual([
      'one-debit: worker-1: 1000 of c1#engine/platform without a grant',
    ]);
  });
});

describe.each([
  ['its shards have partition keys of their own', {}],
  ["its shards are under the campaign's key, as the previous version kept them", { campaign: text('c1') }],
])('ceilings of a campaign, if %s', (_, place) => {
  const ceiling = (ceilingFen: number, order: string) =>
    [
      'campaigns',
      {
        campaign: text('c1'),
        item: text('CEILING#platform'),
        ceilingFen: number(ceilingFen),
        ceilingOrder: text(order),
      },
    ] as const;
  const shard = (key: string, remaining: number, changes: Record<string, AttributeValue> = {}) =>
    shardItem(key, remaining, { ...place, ...changes });
  const capped = (order: string) => ({ capped: { BOOL: true }, ceilingOrder: text(order) });
  const settled = (order: string, heldFen: number) => ({ ceilingOrder: text(order), held: number(heldFen) });
  const begun = () =>
    new BrokenWorld([ceilings])
      .open(campaign())
      .write(shard('engine/platform', 3_000), shard('baseline/platform', 2_000))
      .write(ceiling(1_500, 'a'));
  const settledAt1500 = () =>
    begun()
      .write(shard('engine/platform', 3_000, capped('a')), shard('baseline/platform', 2_000, capped('a')))
      .write(
        shard('engine/platform', 1_000, settled('a', 2_000)),
        shard('baseline/platform', 500, settled('a', 1_500)),
      );

  it('hold if the arms together give as much as the ceiling allows', async () => {
    const world = settledAt1500()
      .write(shard('engine/platform', 0, settled('a', 2_000)))
      .write(shard('baseline/platform', 0, settled('a', 1_500)));
    expect(await world.end()).toEqual([]);
  });

  it('see that more is given than the ceiling allows, by the arms together', async () => {
    const world = settledAt1500()
      .write(shard('engine/platform', 0, settled('a', 2_000)))
      .write(shard('baseline/platform', 0, settled('a', 1_400)));
    expect(await world.end()).toEqual(['ceilings: c1 platform: spent 1600, with a ceiling of 1500']);
  });

  it('allow what is given before the last shard follows the ceiling, and no more than that afterwards', async () => {
    const world = begun()
      .write(shard('engine/platform', 3_000, capped('a')))
      .write(shard('baseline/platform', 400))
      .write(shard('baseline/platform', 400, capped('a')))
      .write(shard('engine/platform', 3_000, settled('a', 0)));
    expect(await world.end()).toEqual([]);
    expect(await world.write(shard('engine/platform', 2_900, settled('a', 0))).end()).toEqual([
      'ceilings: c1 platform: spent 1700, with a ceiling of 1500',
    ]);
  });

  it('follow the last ceiling', async () => {
    const world = settledAt1500()
      .write(ceiling(5_000, 'b'))
      .write(shard('engine/platform', 0, settled('b', 0)))
      .write(shard('baseline/platform', 0, settled('b', 0)));
    expect(await world.end()).toEqual([]);
  });

  it('see that a shard gives money while it is marked as capped', async () => {
    const world = begun()
      .write(shard('engine/platform', 3_000, capped('a')))
      .write(shard('engine/platform', 2_900, capped('a')));
    expect(await world.end()).toEqual([
      'ceilings: worker-1: took 100 out of c1 BUDGET#engine/platform#00, which is marked as capped',
    ]);
  });

  it('see a shard of a pool that its campaign does not define', async () => {
    const world = new BrokenWorld([ceilings]).open(campaign()).write(shard('engine/other', 1));
    expect(await world.end()).toEqual(['ceilings: c1: expected pool other to be defined']);
  });
});

describe('limits', () => {
  it('sees more coupons of a member than the campaign allows', async () => {
    const world = new BrokenWorld([limits]).open(campaign()).write(grantItem());
    expect(await world.end()).toEqual([]);
    world.write(grantItem({ grant: text('c1#coupon#1'), id: text('c1.01.m1') }));
    expect(await world.end()).toEqual(['limits: coupons of m1 in c1: expected at most 1, got 2']);
  });

  it('sees more wins than the quota', async () => {
    const world = new BrokenWorld([limits]).open(campaign());
    for (const member of ['m1', 'm2', 'm3']) world.write(winItem('o1', { member: text(member) }));
    expect(await world.end()).toEqual(['limits: wins in c1: expected at most 2, got 3']);
  });

  it('sees a second win of a member on one day', async () => {
    const freeOrders = { ...campaign().freeOrders, perMemberPerDay: 1 };
    const world = new BrokenWorld([limits])
      .open(campaign({ freeOrders }))
      .write(winItem('o1'))
      .write(winItem('o2', { grant: text('c1#free-order#1') }));
    expect(await world.end()).toEqual(['limits: wins of m1 in c1 on day 20768: expected at most 1, got 2']);
  });
});

describe('unique-ids', () => {
  it('sees two grants under one id', async () => {
    const world = new BrokenWorld([uniqueIds]).write(winItem('g6'));
    expect(await world.end()).toEqual([]);
    expect(await world.write(winItem('g6', { member: text('m2') })).end()).toEqual([
      'unique-ids: c1.free.g6: of m1 c1#free-order#0 and of m2 c1#free-order#0',
    ]);
  });
});

describe('outbox', () => {
  it('holds if a grant is published after it is committed, however often', async () => {
    const world = new BrokenWorld([outbox]).write(grantItem()).tell('grants', told()).tell('grants', told());
    expect(await world.end()).toEqual([]);
  });

  it('sees a grant that is never published', async () => {
    expect(await new BrokenWorld([outbox]).write(grantItem()).end()).toEqual([
      'outbox: c1.00.m1 of m1: committed, but never published',
    ]);
  });

  it('sees a grant that is published before it is committed', async () => {
    const world = new BrokenWorld([outbox]).tell('grants', told()).write(grantItem());
    expect(await world.end()).toEqual(['outbox: c1.00.m1 of m1: published, but never committed']);
  });

  it('sees a published amount that differs from the committed one, and a revocation that did not happen', async () => {
    const world = new BrokenWorld([outbox])
      .write(grantItem())
      .tell('grants', told('m1', 999))
      .tell('grants', told('m1', 1_000, 'coupon.revoked'));
    expect(await world.end()).toEqual([
      'outbox: c1.00.m1 of m1: published with 999 fen, committed with 1000',
      'outbox: c1.00.m1 of m1: published as revoked, is live',
    ]);
  });
});

describe('issued-valid', () => {
  it('sees a coupon that had expired when it was given', async () => {
    const world = new BrokenWorld([issuedValid]).write(grantItem());
    expect(await world.end()).toEqual([]);
    world.wait(2 * 3_600_000).write(grantItem({ grant: text('c1#coupon#1') }));
    expect(await world.end()).toEqual([
      'issued-valid: c1.00.m1: issued, expired since 2026-11-10T17:00:00.000Z',
    ]);
  });

  it('allows a worker that was stopped to write later, by as long as it was stopped and no more', async () => {
    const stopped = new BrokenWorld([issuedValid]).stop(2 * 3_600_000).write(grantItem());
    expect(await stopped.end()).toEqual([]);
    stopped.wait(2 * 3_600_000).write(grantItem({ grant: text('c1#coupon#1') }));
    expect(await stopped.end()).toHaveLength(1);
  });
});

describe('propensities', () => {
  const given = (propensity: number, slot: number) =>
    grantItem({
      grant: text(`c1#coupon#${slot}`),
      reason: text(JSON.stringify({ arm: 'engine', propensity })),
    });

  it('sees a number that is no probability, and probabilities of one decision that add up to more than 1', async () => {
    const world = new BrokenWorld([propensities]).open(campaign()).write(given(0.6, 0));
    expect(await world.end()).toEqual([]);
    world.write(given(0.6, 1)).write(given(1.5, 2));
    expect(await world.end()).toEqual([
      'propensities: c1.00.m1: propensities of one decision add up to 1.2',
      'propensities: c1.00.m1: propensity 1.5',
      'propensities: c1.00.m1: propensities of one decision add up to 2.7',
    ]);
  });
});
