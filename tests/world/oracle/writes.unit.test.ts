import { describe, expect, it } from 'vitest';
import { BrokenWorld, campaign, grantItem, number, shardItem, text } from '../../support/oracle-world.ts';
import { tierOf } from '../workload/events.ts';
import { blocks } from './invariants/blocks.ts';
import { fewDebits } from './invariants/few-debits.ts';
import { paused } from './invariants/paused.ts';
import { rows } from './invariants/rows.ts';
import { sweepPause } from './invariants/sweep-pause.ts';
import { tiers } from './invariants/tiers.ts';
import { versions } from './invariants/versions.ts';

const AT_MS = Date.parse('2026-11-10T16:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const world = (...invariants: ConstructorParameters<typeof BrokenWorld>[0]) =>
  new BrokenWorld(invariants).open(campaign());

describe('paused', () => {
  const shard = (remaining: number) => shardItem('engine/platform', remaining, { paused: { BOOL: true } });

  it('lets a paused shard take money back, and sees a paused shard that gives money', async () => {
    const begun = world(paused).write(shard(1_000)).write(shard(1_500));
    expect(await begun.end()).toEqual([]);
    expect(await begun.write(shard(1_400)).end()).toEqual([
      'paused: worker-1: took 100 out of c1#BUDGET#engine/platform#00 BUDGET#engine/platform#00, which is paused',
    ]);
  });
});

describe('few-debits', () => {
  const shard = (index: number, remaining: number) => shardItem('engine/platform', remaining, {}, index);

  it('lets an amount be taken from the fullest shard first, and sees an amount that is taken from another shard first', async () => {
    const begun = () => world(fewDebits).write(shard(0, 300), shard(1, 900));
    expect(await begun().write(shard(1, 0), shard(0, 200)).end()).toEqual([]);
    expect(await begun().write(shard(0, 0), shard(1, 200)).end()).toEqual([
      'few-debits: worker-1: took 300 out of c1#engine/platform, then 700 out of a fuller shard',
    ]);
  });
});

describe('sweep-pause', () => {
  const progress = (doneMs?: number) =>
    [
      'campaigns',
      {
        campaign: text('#sweep'),
        item: text('GRANTS'),
        ...(doneMs === undefined ? {} : { doneMs: number(doneMs) }),
      },
    ] as const;

  it.each([
    ['allows', 15, []],
    ['sees', 2, ['sweep-pause: a sweep begins 120000 ms after the end of the last one']],
  ])('%s a sweep that begins %i minutes after the last one', async (_, minutes, faults) => {
    const begun = world(sweepPause);
    begun
      .write(progress(begun.atMs))
      .wait(minutes * MINUTE_MS)
      .write(progress());
    expect(await begun.end()).toEqual(faults);
  });
});

describe('versions', () => {
  const member = (version: number) =>
    ['members', { member: text('m1'), body: { M: { version: number(version) } } }] as const;
  const statement = (version: number) => ({
    Statements: [
      { Statement: 'UPDATE "members" …', Parameters: [{ M: { version: number(version) } }, text('m1')] },
    ],
  });
  const progress = (version: number) =>
    [
      'campaigns',
      { campaign: text('c1'), item: text('PLAN#0'), isDone: { BOOL: false }, version: number(version) },
    ] as const;

  it('holds if each write has seen the one before, and if a statement was refused', async () => {
    const begun = world(versions).write(member(1), progress(1), grantItem());
    begun.call('BatchExecuteStatement', statement(2), { Responses: [{}] });
    begun.call('BatchExecuteStatement', statement(2), { Responses: [{ Error: {} }] });
    begun.write(member(3), progress(2), grantItem({ changes: number(1), state: text('redeemed') }));
    expect(await begun.end()).toEqual([]);
  });

  it('sees a worker write over what another one wrote meanwhile', async () => {
    const changed = (state: string) => grantItem({ changes: number(1), state: text(state) });
    const begun = world(versions).write(member(1), progress(1), grantItem());
    begun.write(member(2), progress(2), changed('redeemed'));
    begun.write(member(2), progress(2), changed('expired'));
    begun.call('BatchExecuteStatement', statement(2), { Responses: [{}] });
    expect(await begun.end()).toEqual([
      'versions: member m1: worker-1 wrote version 2 over version 2',
      'versions: progress c1 PLAN#0: worker-1 wrote version 2 over version 2',
      'versions: grant m1 c1#coupon#0: worker-1 wrote version 2 over version 2',
      'versions: member m1: worker-1 wrote version 2 over version 2',
    ]);
  });
});

describe('tiers', () => {
  const member = (tier: string) =>
    ['members', { member: text('m1'), body: { M: { version: number(1), tier: text(tier) } } }] as const;

  it('expects the tier of the latest event, and of two tiers with the same time the one with the greater name', async () => {
    const begun = world(tiers)
      .send(tierOf('t2', AT_MS + 1, 'm1', 'gold'))
      .send(tierOf('t3', AT_MS + 1, 'm1', 'plain'))
      .send(tierOf('t1', AT_MS, 'm1', 'silver'));
    expect(await begun.write(member('plain')).end()).toEqual([]);
    expect(await begun.write(member('silver')).end()).toEqual(['tiers: m1: of tier silver, expected plain']);
  });
});

describe('blocks', () => {
  const block = (keptMs: number) =>
    [
      'metrics',
      {
        window: text('c1#0#2026-11-10T16:00:00Z#0'),
        item: text('BLOCK#b1'),
        expiresAt: number(keptMs / 1_000),
      },
    ] as const;
  const pending = [
    'metrics',
    { window: text('c1#pending#0'), item: text('PENDING#2026-11-10T16:00:00Z/b1') },
  ] as const;
  /** The horizon is a week, and a dead-letter queue keeps its messages for two. */
  const NEEDED_MS = AT_MS + MINUTE_MS + 21 * DAY_MS;

  it('holds for a block that is written before it is pending and is kept long enough', async () => {
    expect(await world(blocks).write(block(NEEDED_MS)).write(pending).end()).toEqual([]);
  });

  it('sees a block that is pending before it exists, and one that expires too early', async () => {
    expect(
      await world(blocks)
        .write(pending)
        .write(block(NEEDED_MS - 2 * DAY_MS))
        .end(),
    ).toEqual([
      'blocks: c1#pending#0: b1 is pending and was never written',
      'blocks: c1#0#2026-11-10T16:00:00Z#0 BLOCK#b1: expires at 2026-11-29T16:01:00.000Z, when a message may still ask for it',
    ]);
  });
});

describe('rows', () => {
  it('lets a row grow, and sees one that lost a block of its own or of a child', async () => {
    const begun = world(rows).writeRow('w', ['a']).writeRow('w', ['a', 'b']);
    begun.writeRow('p', { counts: [1] }).writeRow('p', { counts: [1, 2] });
    expect(await begun.end()).toEqual([]);
    expect(
      await begun
        .writeRow('w', ['a', 'c'])
        .writeRow('p', { counts: [2, 1] })
        .end(),
    ).toEqual([
      'rows: w: worker-1 wrote a row without 1 of 2 blocks',
      'rows: p: worker-1 wrote a row without blocks of its child 1: 2 to 1',
    ]);
  });
});
