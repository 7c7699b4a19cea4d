import { describe, expect, it } from 'vitest';
import { PLACE_ATTRIBUTE, withoutPlace } from '#events/place.ts';
import { placed } from '#local/replay/placed.ts';

const textOf = (text: string, alone = false): string => placed({ text, alone }, 7).text;

describe('a record with its place', () => {
  it('is the same event, and says where in its file it is', () => {
    for (const text of ['{"id":"e1","amount":1.50}', ' { "id" : "e1" } ', '{}', '{ }']) {
      const { value, place } = withoutPlace(JSON.parse(textOf(text)));
      expect(place).toBe(7);
      expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
    }
  });

  it('states the place in each event of a batch', () => {
    const events = JSON.parse(textOf('[{"id":"a"},3,{"id":"b"}]', true)) as unknown[];
    expect(events.map((event) => withoutPlace(event).place)).toEqual([7, undefined, 7]);
  });

  it('replaces a place that the file itself states', () => {
    const own = `{"${PLACE_ATTRIBUTE}":1}`;
    expect(withoutPlace(JSON.parse(textOf(own))).place).toBe(7);
    expect(withoutPlace((JSON.parse(textOf(`[${own}]`, true)) as unknown[])[0]).place).toBe(7);
  });

  it('stays as it is if it is no event, or would be too large to be sent', () => {
    for (const text of ['12', '"{"', 'null']) expect(textOf(text)).toBe(text);
    for (const text of ['{"id":', 'hello']) expect(textOf(text, true)).toBe(text);
    const large = `{"id":"${'x'.repeat(1_048_560)}"}`;
    expect(textOf(large)).toBe(large);
  });
});
