import { expect, it } from 'vitest';
import { parseBody } from '#events/contract.ts';
import { shapeBoundBrokenBy } from '#events/shape.ts';

/** White space that makes a text long without nesting. */
const LONG = ' '.repeat(70_000);
const nestsTooDeeply = (text: string): boolean => shapeBoundBrokenBy(text) === 'at most 64 levels of nesting';
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

it('the check of the shape finds 65 levels of nesting in a long text, and does not look into a short one', () => {
  expect(nestsTooDeeply(LONG + nested(65))).toBe(true);
  expect(nestsTooDeeply(LONG + nested(64))).toBe(false);
  expect(nestsTooDeeply(nested(65))).toBe(false);
});

it('the check of the shape counts levels, not brackets, and ignores brackets in quotes', () => {
  expect(nestsTooDeeply(LONG + nested(60).repeat(100))).toBe(false);
  expect(nestsTooDeeply(`${LONG}["${'['.repeat(100)}"`)).toBe(false);
  expect(nestsTooDeeply(`${LONG}["\\"${'['.repeat(100)}"`)).toBe(false);
  expect(nestsTooDeeply(`${LONG}["\\\\"${'['.repeat(100)}`)).toBe(true);
  expect(nestsTooDeeply(`${LONG}["${'['.repeat(100)}`)).toBe(false);
  expect(nestsTooDeeply(`${LONG}no JSON ${'['.repeat(100)}`)).toBe(false);
});

/** The JSON text of an object with this many fields. The first has the value `inner`, the others 0. */
const wide = (fields: number, inner = '0'): string =>
  `{${Array.from({ length: fields }, (_, i) => `"k${i}":${i === 0 ? inner : 0}`).join()}}`;

it('the check of the shape finds 1,001 fields of one object in a long text, however deep the object lies', () => {
  const expected = 'at most 1000 fields in an object';
  expect(shapeBoundBrokenBy(LONG + wide(1_001))).toBe(expected);
  expect(shapeBoundBrokenBy(`${LONG}[[${wide(3, `{"a":[${wide(1_001)}]}`)}]]`)).toBe(expected);
  expect(shapeBoundBrokenBy(LONG + wide(1_001, wide(2)))).toBe(expected);
});

it('the check of the shape counts the fields of each object on its own, and no colon in quotes', () => {
  const colons = `":${':'.repeat(2_000)}"`;
  for (const text of [
    `${LONG}${wide(1_000, wide(1_000, wide(1_000)))}`,
    `${LONG}[${`${wide(600)},`.repeat(5)}0]`,
    `${LONG}{"a":${colons}}`,
    `${LONG}}}}${wide(10)}`,
    wide(5_000),
  ])
    expect(shapeBoundBrokenBy(text)).toBeUndefined();
});

it('a body with very many fields or openings is refused as a whole', () => {
  expect(parseBody(wide(60_000))).toMatchObject({
    rejection: { reason: 'too-large', message: expect.stringContaining('1000 fields in an object') },
  });
  const openings = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, () => ({ type: 'presale.started' })));
  expect(parseBody(openings(51))).toMatchObject({
    rejection: { message: 'body: expected at most 50 openings of campaigns, got 51' },
  });
  expect(parseBody(openings(50)).ok).toBe(true);
});

it('a body with deeply nested brackets is refused without being parsed, and a wrapper around such brackets is not opened', () => {
  const deep = '{"a":'.repeat(200_000);
  expect(parseBody(deep)).toMatchObject({
    ok: false,
    rejection: {
      reason: 'too-large',
      field: 'body',
      message: expect.stringContaining('64 levels of nesting'),
    },
  });
  const wrapped = { Type: 'Notification', TopicArn: 'arn:topic', Message: `[${nested(40_000)}]` };
  expect(parseBody(JSON.stringify(wrapped))).toEqual({ ok: true, events: [wrapped] });
});
