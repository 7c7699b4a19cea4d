import { describe, expect, it } from 'vitest';
import {
  type BlockEvent,
  compareEvents,
  decideBetween,
  isRepetition,
  isSameContent,
  packSent,
  toBlockEvent,
  unpackSent,
} from '#domain/metrics/block-event.ts';
import { contributionOf } from '#domain/metrics/hyperloglog.ts';
import { memberHashOf } from '#domain/metrics/member-hash.ts';
import { paid, START_MS } from './factories.ts';

const EVENT: BlockEvent = {
  id: 'AAAAAAAAAAAAAAAA',
  timeMs: START_MS,
  label: 'paid/near',
  brand: 'lotus',
  amountFen: 500,
  count: 1,
  contributions: [3, 7],
  memberHash: 5,
  sentMs: START_MS,
  store: 's1',
};
const event = (changes: Partial<BlockEvent> = {}): BlockEvent => ({ ...EVENT, ...changes });

/** A greater value for each field of an event's content, in the order in which the fields decide. */
const GREATER: readonly Partial<BlockEvent>[] = [
  { label: 'paid/ocean' },
  { brand: 'oak' },
  { amountFen: 501 },
  { count: 2 },
  { contributions: [3, 8] },
  { memberHash: 6 },
];

describe('two events', () => {
  it('are ordered by time, id, content, store and time of sending, in this order', () => {
    const changes: Partial<BlockEvent>[] = [
      { timeMs: START_MS + 1 },
      { id: 'BAAAAAAAAAAAAAAA' },
      ...GREATER,
      { store: 's2' },
      { sentMs: START_MS + 1 },
    ];
    for (const [at, change] of changes.entries()) {
      expect(compareEvents(event(change), event())).toBeGreaterThan(0);
      expect(compareEvents(event(), event(change))).toBeLessThan(0);
      // The changed field decides, although all later fields say the opposite.
      const later = Object.assign({}, ...changes.slice(at + 1));
      expect(compareEvents(event(change), event(later)), JSON.stringify(change)).toBeGreaterThan(0);
    }
    expect(compareEvents(event(), event())).toBe(0);
  });

  it('are ordered by their members’ contributions one by one, a list before a longer one that begins with it', () => {
    const compare = (a: number[], b: number[]): number =>
      Math.sign(compareEvents(event({ contributions: a }), event({ contributions: b })));
    expect([compare([1, 2], [1, 3]), compare([1, 3], [1, 2]), compare([2], [1, 9])]).toEqual([-1, 1, 1]);
    expect([compare([1], [1, 2]), compare([1, 2], [1]), compare([], [])]).toEqual([-1, 1, 0]);
  });

  it('say the same only if every field of their content is the same, whenever they were sent', () => {
    for (const same of [isSameContent, isRepetition]) {
      expect(same(event(), event({ sentMs: 1 }))).toBe(true);
      for (const change of [{ timeMs: START_MS + 1 }, ...GREATER]) {
        expect(same(event(), event(change)), JSON.stringify(change)).toBe(false);
        expect(same(event(change), event())).toBe(false);
      }
    }
  });

  it('differ if their stores differ; if one store is unknown, they may say the same, but are no repetition', () => {
    const [one, other, none] = [event(), event({ store: 's2' }), event({ store: '' })];
    expect([isSameContent(one, other), isSameContent(one, none), isSameContent(none, one)]).toEqual([
      ...[false, true, true],
    ]);
    expect([isRepetition(one, other), isRepetition(one, none), isRepetition(one, one)]).toEqual([
      ...[false, false, true],
    ]);
  });
});

describe('the choice between different events under one id', () => {
  it('takes the one that was sent first; an unknown time of sending is earlier than all others', () => {
    const [first, second] = [event({ sentMs: 1, amountFen: 9 }), event({ sentMs: 2, amountFen: 1 })];
    const unknown = event({ sentMs: 0, amountFen: 5 });
    expect(decideBetween([first, second])).toBe(first);
    expect(decideBetween([second, first])).toBe(first);
    expect(decideBetween([second, unknown, first])).toBe(unknown);
  });

  it('goes by what they say if they were sent at the same time, whichever came first, and in every version', () => {
    const amounts = [1, 2, 3, 4, 5].map((amountFen) => event({ amountFen }));
    expect(decideBetween(amounts)).toBe(decideBetween(amounts.toReversed()));
    expect(decideBetween(amounts).amountFen).toBe(3);
    const stores = ['', 's1', 's2', 's3'].map((store) => event({ store, amountFen: store.length }));
    expect(decideBetween(stores)).toEqual(decideBetween(stores.toReversed()));
    expect(decideBetween(stores).store).toBe('s3');
  });

  it('depends on every field of what they say, in a way that no later version may change', () => {
    const winners = [{ timeMs: START_MS + 1 }, ...GREATER].map(
      (change) => decideBetween([EVENT, event(change)]) === EVENT,
    );
    expect(winners).toEqual([true, true, true, true, true, false, true]);
  });

  it('gives an event without a store the store of another with the same content; of several, that of the one sent first', () => {
    const none = event({ store: '', sentMs: 1 });
    const early = event({ store: 's2', sentMs: 2 });
    const late = event({ store: 's1', sentMs: 3 });
    const other = event({ store: 's3', sentMs: 2, amountFen: 9 });
    expect(decideBetween([late, other, none, early])).toEqual({ ...none, store: 's2' });
    expect(decideBetween([none, other])).toBe(none);
    expect(decideBetween([event({ sentMs: 1 }), early])).toMatchObject({ store: 's1' });
  });
});

describe('a time of sending', () => {
  it.each([
    [0, 0],
    [START_MS, 1],
    [START_MS + 4, 5],
    [START_MS - 1, -1],
  ])('is packed as 0 if unknown, or else relative to the event’s time: %d as %d', (sentMs, packed) => {
    expect(packSent({ sentMs, timeMs: START_MS })).toBe(packed);
    expect(unpackSent(packed, START_MS)).toBe(sentMs);
  });
});

describe('an event for a block', () => {
  it('keeps what a sketch needs of its member, and the member’s hash for a sample if its label names an arm', () => {
    expect(toBlockEvent(paid())).toEqual({
      ...{ id: paid().id, timeMs: START_MS, label: 'paid/far', brand: 'lotus', amountFen: 1999, count: 1 },
      ...{ contributions: [contributionOf('m1')], memberHash: 0, sentMs: 0, store: '' },
    });
    const given = { label: 'paid/near/engine', count: 3, contributions: [1, 2], sentMs: 9, store: 's1' };
    expect(toBlockEvent(paid(given))).toMatchObject({ ...given, memberHash: memberHashOf('m1') });
  });
});
