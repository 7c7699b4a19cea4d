import { describe, expect, it } from 'vitest';
import { packer } from '#local/replay/packer.ts';
import { splitBody } from '#local/replay/split-body.ts';

const event = (type: string, id = 'e1') => `{"specversion": "1.0", "type": "${type}", "id": "${id}"}`;

describe('a body', () => {
  it('for one queue stays as it is written', () => {
    for (const type of ['order.paid', 'order.refunded', 'no.such.type'])
      expect(splitBody(event(type))).toEqual({ events: event(type) });
    for (const type of ['presale.started', 'member.updated'])
      expect(splitBody(event(type))).toEqual({ control: event(type) });
    expect(splitBody('{member.updated')).toEqual({ events: '{member.updated' });
  });

  it('for both queues is divided, and each part keeps the order of its events', () => {
    const body = `[${event('order.paid', 'a')},${event('member.updated', 'b')},${event('order.paid', 'c')}]`;
    const { events, control } = splitBody(body);
    const idsOf = (text = '') => (JSON.parse(text) as { id: string }[]).map(({ id }) => id);
    expect([idsOf(events), idsOf(control)]).toEqual([['a', 'c'], ['b']]);
  });

  it('that is packed from events is for one queue only', () => {
    const messages = packer(2);
    const texts = ['order.paid', 'member.updated', 'order.paid', 'member.updated', 'order.paid'];
    const packed = texts.flatMap((type) => messages.add({ text: event(type), alone: false }));
    expect([...packed, ...messages.flush()].map(({ records }) => records)).toEqual([2, 2, 1]);
    for (const { body } of packed) expect(Object.keys(splitBody(body))).toHaveLength(1);
  });
});
