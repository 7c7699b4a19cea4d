import { describe, expect, it } from 'vitest';
import { parseEvent } from '#events/contract.ts';
import { traceparentOf } from '#events/traceparent.ts';
import { NOW_MS, orderPaid } from './factories.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const VALID = `00-${TRACE}-${PARENT}-01`;

describe('the traceparent of an event', () => {
  it('is read if it is valid', () => {
    for (const given of [VALID, `00-${TRACE}-${PARENT}-00`, `00-${TRACE}-${PARENT}-ff`])
      expect(traceparentOf(orderPaid({}, { traceparent: given }))).toBe(given);
  });

  it('of a later version is passed on as version 00, without the fields that this version does not know', () => {
    for (const given of [`01-${TRACE}-${PARENT}-01`, `cc-${TRACE}-${PARENT}-ff-what.the-future\nbrings`])
      expect(traceparentOf({ traceparent: given })).toBe(VALID);
    expect(traceparentOf({ traceparent: `01-${TRACE}-${PARENT}-02` })).toBe(`00-${TRACE}-${PARENT}-00`);
  });

  it.each([
    ['a number', 7],
    ['null', null],
    ['an empty text', ''],
    ['a forbidden version', `ff-${TRACE}-${PARENT}-01`],
    ['no trace', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['no parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', VALID.toUpperCase()],
    ['too short a trace', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['more than version 00 has', `${VALID}-01`],
    ['a longer end', `${VALID}1`],
    ['a longer end in a later version', `01-${TRACE}-${PARENT}-011`],
    ['a line break at its end', `${VALID}\n`],
    ['a space before it', ` ${VALID}`],
  ])('is ignored if it is invalid (%s), and the event is accepted', (_, given) => {
    const event = orderPaid({}, { traceparent: given });
    expect(traceparentOf(event)).toBeUndefined();
    expect(parseEvent(event, NOW_MS)).toEqual(parseEvent(orderPaid(), NOW_MS));
  });

  it('is no part of the event: with another traceparent the event stays the same', () => {
    const [one, other] = [VALID, `00-${'a'.repeat(32)}-${PARENT}-00`].map((traceparent) =>
      parseEvent(orderPaid({}, { traceparent }), NOW_MS),
    );
    expect(one).toMatchObject({ ok: true });
    expect(one).toEqual(other);
  });

  it('can be looked for in any value, and is not found in one that is no event', () => {
    for (const value of [null, undefined, 'text', 7, [], [VALID]])
      expect(traceparentOf(value)).toBeUndefined();
  });
});
