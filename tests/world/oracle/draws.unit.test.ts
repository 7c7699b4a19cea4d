import { describe, expect, it } from 'vitest';
import {
  BrokenWorld,
  bytes,
  campaign,
  memberItem,
  number,
  text,
  winItem,
} from '../../support/oracle-world.ts';
import { type OrderFields, paid, refunded, tierOf } from '../workload/events.ts';
import { drawStatement } from './invariants/draw-statement.ts';
import { isBelow, memberKeyOf, seedOf, slotSeedOf, ticketOf } from './invariants/draw-tickets.ts';
import { givenBack } from './invariants/given-back.ts';
import { revocations } from './invariants/revocations.ts';
import { winners } from './invariants/winners.ts';

const AT_MS = Date.parse('2026-11-10T16:01:00.000Z');
const MEMBER_KEY = memberKeyOf('secret', 'c1');
const fields = (changes: Partial<OrderFields> = {}): OrderFields => ({
  id: `e-${changes.order ?? 'o1'}-${changes.member ?? 'm1'}`,
  timeMs: AT_MS,
  order: 'o1',
  member: 'm1',
  fen: 6_000,
  ...changes,
});
const world = (freeOrders: object = {}, ...invariants: ConstructorParameters<typeof BrokenWorld>[0]) =>
  new BrokenWorld(invariants).open(
    campaign({ freeOrders: { ...campaign().freeOrders, quota: 9, ...freeOrders } }),
  );

describe('winners', () => {
  it('holds for an order with a winning ticket that wins no more than the cap', async () => {
    expect(await world({}, winners).send(paid(fields())).write(winItem('o1')).end()).toEqual([]);
  });

  it('sees a win of an order that nobody made', async () => {
    expect(await world({}, winners).write(winItem('o1')).end()).toEqual([
      'winners: c1.free.o1 of m1: of order o1, which the member never made',
    ]);
  });

  it('sees a win above the cap', async () => {
    const begun = world({}, winners)
      .send(paid(fields()))
      .write(winItem('o1', { faceFen: number(1_001) }));
    expect(await begun.end()).toEqual(['winners: c1.free.o1 of m1: 1001 fen, expected at most 1000']);
  });

  it('sees a win of a member whose tier was not known when the order was judged', async () => {
    const begun = world({ tiers: ['gold'] }, winners)
      .send(paid(fields()))
      .write(winItem('o1'));
    expect(await begun.send(tierOf('t', AT_MS, 'm1', 'gold')).end()).toEqual([
      'winners: c1.free.o1 of m1: of order o1, which cannot win: tier none',
    ]);
  });

  it('holds for a win of a member whose tier was known when the order was judged', async () => {
    const begun = world({ tiers: ['gold'] }, winners)
      .send(paid(fields()))
      .send(tierOf('t', AT_MS + 1, 'm1', 'gold'));
    expect(await begun.write(winItem('o1')).end()).toEqual([]);
  });

  it('accepts that orders too late for their draw do not win, but no more orders than are reported as late', async () => {
    const late = (count: number) => ({
      campaignId: 'c1',
      tallies: new Map([['free-refused/slot-closed', { count, fen: 0 }]]),
    });
    const begun = world({}, winners).send(paid(fields()));
    expect(await begun.show(late(1)).end()).toEqual([]);
    expect(await begun.show(late(0)).end()).toEqual([
      'winners: order o1 of m1: its ticket wins, and it has not won',
    ]);
  });

  it('sees a win with a losing ticket, and a winning ticket without a win', async () => {
    const odds = { win: 1, in: 2 };
    const seed = seedOf('secret', 'c1');
    const lotOf = (order: string) => ticketOf(seed, MEMBER_KEY, { member: 'm1', order });
    const orders = Array.from({ length: 30 }, (_, i) => `o${i}`);
    const wins = orders.find((order) => isBelow(lotOf(order), odds))!;
    const loses = orders.find((order) => !isBelow(lotOf(order), odds))!;
    const begun = world({ odds }, winners);
    for (const order of [wins, loses]) begun.send(paid(fields({ order })));
    expect(await begun.write(winItem(loses)).end()).toEqual([
      `winners: c1.free.${loses} of m1: of order ${loses}, whose ticket does not win`,
      `winners: order ${wins} of m1: its ticket wins, and it has not won`,
    ]);
  });

  it('sees two orders of a member that each won as a first order', async () => {
    const begun = world({ firstOrderOnly: true }, winners)
      .send(paid(fields()))
      .send(paid(fields({ order: 'o2' })))
      .write(winItem('o1'))
      .write(winItem('o2', { grant: text('c1#free-order#1') }));
    expect(await begun.end()).toEqual(['winners: orders o1, o2 of m1: each won as a first order']);
  });

  it('expects a win by a tier known when the order was sent, but not if the tier became known or ended later', async () => {
    const missed = ['winners: order o1 of m1: its ticket wins, and it has not won'];
    const told = () =>
      world({ tiers: ['gold'] }, winners)
        .send(tierOf('t', AT_MS, 'm1', 'gold'))
        .wait(900_000);
    const gold = memberItem({ tier: text('gold') });
    expect(await told().write(gold).wait(1).send(paid(fields())).end()).toEqual(missed);
    expect(await told().send(paid(fields())).write(gold).end()).toEqual([]);
    expect(
      await told()
        .write(gold)
        .wait(1)
        .send(paid(fields()))
        .write(memberItem({ tier: text('plain') }))
        .end(),
    ).toEqual([]);
  });

  it('lets an order win as the first while earlier ones are on their way', async () => {
    const begun = world({ firstOrderOnly: true }, winners)
      .send(paid(fields()))
      .wait(900_000)
      .send(paid(fields({ order: 'o2', timeMs: AT_MS + 1_000 })))
      .write(memberItem({ accounts: bytes('o1') }))
      .write(winItem('o2'));
    expect(await begun.end()).toEqual([]);
  });

  it('sees a second order that wins as the first', async () => {
    const begun = world({ firstOrderOnly: true }, winners)
      .send(paid(fields()))
      .wait(1_000)
      .write(memberItem({ accounts: bytes('o1') }))
      .wait(1)
      .send(paid(fields({ order: 'o2', timeMs: AT_MS + 1_000 })))
      .write(winItem('o2'));
    expect(await begun.end()).toEqual(['winners: order o2 of m1: won as a first order, after order o1']);
  });

  it('sees that a slot passed over an order for one with a larger ticket', async () => {
    const statement = { slot: 0, root: 'aa'.repeat(32) };
    const randomness = 'bb'.repeat(32);
    const seed = slotSeedOf(seedOf('secret', 'c1'), { ...statement, randomness });
    const lotOf = (order: string) => ticketOf(seed, MEMBER_KEY, { member: 'm1', order });
    const [smaller, larger] = ['o1', 'o2'].sort((a, b) => (lotOf(a) < lotOf(b) ? -1 : 1)) as [string, string];
    const sealed = [smaller, larger].map((orderId) => ({ orderId, memberId: 'm1' }));
    const begun = world({ mode: 'slot', prizes: 1 }, winners)
      .send(paid(fields({ order: smaller })))
      .send(paid(fields({ order: larger })))
      .write(
        ['draws', { draw: text('c1#entries#00000#0'), item: text('BLOCK#b1'), body: bytes(sealed) }],
        ['draws', { draw: text('c1#entries#00000#0'), item: text('MANIFEST'), blocks: text('b1') }],
        [
          'draws',
          {
            draw: text('c1#slots'),
            item: text('00000'),
            state: text(JSON.stringify({ kind: 'drawn', statement, randomness })),
          },
        ],
      );
    expect(await begun.write(winItem(larger)).end()).toEqual([
      `winners: order ${smaller} of m1: passed over in slot 0 of c1`,
    ]);
  });
});

describe('revocations', () => {
  it('sees a win that stands although its order was refunded', async () => {
    const begun = world({}, revocations)
      .send(paid(fields()))
      .send(refunded(fields({ id: 'b1' })));
    expect(await begun.write(winItem('o1')).end()).toEqual([
      'revocations: c1.free.o1 of m1: order o1 was refunded, and its win stands',
    ]);
  });

  it("sees a win that was revoked for a stranger's refund", async () => {
    const begun = world({}, revocations)
      .send(paid(fields()))
      .send(refunded(fields({ id: 'b1', member: 'm2' })))
      .write(winItem('o1', { state: text('revoked') }));
    expect(await begun.end()).toEqual([
      'revocations: c1.free.o1 of m1: revoked, though order o1 was never refunded',
    ]);
  });
});

describe('draw-statement', () => {
  const closed = (publishedAtMs: number, round: number) =>
    [
      'draws',
      {
        draw: text('c1#slots'),
        item: text('00000'),
        state: text(JSON.stringify({ kind: 'closed', statement: { slot: 0, publishedAtMs, round } })),
      },
    ] as const;
  const roundAt = (timeMs: number): number => Math.ceil((timeMs / 1_000 - 1_692_803_367) / 3) + 1;

  it('holds for a statement that is made now and names a round to come', async () => {
    const begun = world({ mode: 'slot', beacon: { delaySeconds: 10 } }, drawStatement);
    expect(await begun.write(closed(begun.atMs, roundAt(begun.atMs + 10_000))).end()).toEqual([]);
  });

  it('sees a statement that is backdated and names a round that everybody knows', async () => {
    const begun = world({ mode: 'slot', beacon: { delaySeconds: 10 } }, drawStatement);
    const dated = begun.atMs - 60_000;
    expect(await begun.write(closed(dated, roundAt(dated + 10_000))).end()).toEqual([
      'draw-statement: c1#slots 0: dated 60000 ms before it was made',
      expect.stringMatching(/^draw-statement: c1#slots 0: names round \d+, which came \d+ ms before$/),
    ]);
  });
});

describe('given-back', () => {
  const noted = [
    'draws',
    { draw: text('c1#refund#p1'), item: text('REFUND'), 'of e1': number(5_500) },
  ] as const;
  const sealed = [
    'draws',
    { draw: text('c1#slots'), item: text('00000#REFUNDS'), blocks: text('p1:5500') },
  ] as const;
  const won = (faceFen: number) => winItem('o1', { trigger: text('p1'), faceFen: number(faceFen) });
  const looking = (begun: BrokenWorld) =>
    begun.wait(1_000).call('BatchGetItem', {
      RequestItems: { draws: { Keys: [{ draw: text('c1#refund#p1'), item: text('REFUND') }] } },
    });
  const FAULT = 'given-back: c1.free.o1 of m1: 501 fen of 6000, of which 5500 were refunded before';

  it('sees an instant win of money that was refunded before its worker looked', async () => {
    const begun = () => looking(world({}, givenBack).send(paid(fields())).write(noted));
    expect(await begun().write(won(500)).end()).toEqual([]);
    expect(await begun().write(won(501)).end()).toEqual([FAULT]);
    const later = looking(world({}, givenBack).send(paid(fields())))
      .wait(1_000)
      .write(noted);
    expect(await later.write(won(501)).end()).toEqual([]);
  });

  it('holds a win to the first judgement of its order, whichever worker grants it', async () => {
    const judged = ['draws', { draw: text('c1#refund#p1'), item: text('JUDGED') }] as const;
    const before = () => looking(world({}, givenBack).send(paid(fields())).write(noted)).write(judged);
    expect(await before().write(won(501)).end()).toEqual([FAULT]);
    const after = looking(
      looking(world({}, givenBack).send(paid(fields())))
        .write(judged)
        .wait(1_000)
        .write(noted),
    );
    expect(await after.write(won(501)).end()).toEqual([]);
  });

  it('sees a win of money that counts as refunded in the closed slot of its order', async () => {
    const begun = () => world({ mode: 'slot' }, givenBack).send(paid(fields())).write(sealed);
    expect(await begun().write(won(500)).end()).toEqual([]);
    expect(await begun().write(won(501)).end()).toEqual([FAULT]);
  });
});
