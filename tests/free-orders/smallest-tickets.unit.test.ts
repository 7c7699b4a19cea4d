import { describe, expect, it } from 'vitest';
import {
  CANDIDATES_MIN,
  candidatesFor,
  moreThan,
  SmallestTickets,
} from '#domain/free-orders/draw/smallest-tickets.ts';
import type { ExportRecord } from '#domain/free-orders/entries/export-record.ts';
import { entryOf, rulesWith, slotRules } from './factory.ts';

const record = (ticket: string, member = 'm', orderId = 'o'): ExportRecord =>
  ({ ticket, entry: { ...entryOf(1), member, orderId } }) as ExportRecord;
const nameOf = ({ ticket, entry }: ExportRecord): string => `${ticket}/${entry.member}/${entry.orderId}`;

/** Selects `count` tickets: `kept` names them, and `others` names the records left out so far, in the order of their reports. */
const selecting = (count: number, from?: ReturnType<SmallestTickets['state']>) => {
  const others: string[] = [];
  const tickets = new SmallestTickets(count, (one) => others.push(nameOf(one)), from);
  const kept = () => tickets.state().records.map(nameOf);
  return { others, tickets, kept };
};

describe('the smallest tickets', () => {
  it('are kept in whatever order they come, and every other record is reported once', () => {
    const names = ['5', '1', '4', '2', '6', '3', '7', '0'];
    for (const given of [names, names.toReversed(), names.toSorted()]) {
      const { others, tickets, kept } = selecting(3);
      for (const one of given) tickets.add(record(one));
      expect(kept()).toEqual(['0/m/o', '1/m/o', '2/m/o']);
      expect(tickets.state().isAll).toBe(false);
      expect(others.toSorted()).toEqual(['3/m/o', '4/m/o', '5/m/o', '6/m/o', '7/m/o']);
    }
  });

  it('are all tickets, sorted, if there are no more than were asked for', () => {
    const { others, tickets, kept } = selecting(3);
    for (const one of ['2', '1', '3']) tickets.add(record(one));
    expect(kept()).toEqual(['1/m/o', '2/m/o', '3/m/o']);
    expect([tickets.state().isAll, others]).toEqual([true, []]);
  });

  it('are, among equal tickets, those of the member that sorts first, and then of the order that sorts first', () => {
    const { tickets, kept } = selecting(2);
    tickets.add(record('1', 'b', 'a'));
    tickets.add(record('1', 'a', 'c'));
    tickets.add(record('1', 'a', 'b'));
    expect(kept()).toEqual(['1/a/b', '1/a/c']);
  });

  it('are selected with at most twice as many records in memory', () => {
    const { others, tickets } = selecting(2);
    for (const one of ['1', '2', '3']) tickets.add(record(one));
    expect(others).toEqual([]);
    tickets.add(record('4'));
    expect(others).toEqual(['3/m/o', '4/m/o']);
    tickets.add(record('5'));
    expect(others).toEqual(['3/m/o', '4/m/o', '5/m/o']);
  });

  it('can be selected further by another worker from the state of the first one, which does not change', () => {
    const first = selecting(2);
    for (const one of ['5', '3', '4', '6']) first.tickets.add(record(one));
    const state = first.tickets.state();
    const second = selecting(2, state);
    second.tickets.add(record('4', 'n'));
    expect(second.others).toEqual(['4/n/o']);
    second.tickets.add(record('1'));
    expect(second.kept()).toEqual(['1/m/o', '3/m/o']);
    expect(state.records.map(nameOf)).toEqual(['3/m/o', '4/m/o']);
    const three = selecting(3, { records: ['1', '3', '5'].map((one) => record(one)), isAll: false });
    three.tickets.add(record('4'));
    three.tickets.add(record('6'));
    expect([three.kept(), three.others]).toEqual([
      ['1/m/o', '3/m/o', '4/m/o'],
      ['6/m/o', '5/m/o'],
    ]);
    three.tickets.add(record('4', 'n'));
    expect(three.others.at(-1)).toBe('4/n/o');
    three.tickets.add(record('3', 'n'));
    expect(three.kept()).toEqual(['1/m/o', '3/m/o', '3/n/o']);
    const all = selecting(3, { records: [record('5')], isAll: true });
    all.tickets.add(record('6'));
    expect([all.kept(), all.tickets.state().isAll]).toEqual([['5/m/o', '6/m/o'], true]);
  });
});

describe('the number of candidates', () => {
  it('is four for each prize but at least a minimum, and four times the last number if that was too few', () => {
    expect(candidatesFor(rulesWith(slotRules({ prizes: 7 })), 20)).toBe(28);
    expect(candidatesFor(rulesWith(slotRules({ prizes: 7 })), 30)).toBe(30);
    expect(candidatesFor(rulesWith(slotRules({ prizes: 7 })))).toBe(CANDIDATES_MIN);
    expect(moreThan(28)).toBe(112);
  });
});
