import { expect, it } from 'vitest';
import { parseBody } from '#events/contract.ts';
import { nestsTooDeeply } from '#events/nesting.ts';

/** White space that makes a text long without nesting. */
const LONG = ' '.repeat(70_000);
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

it('finds 65 levels in a long text, and none in a short one', () => {
  expect(nestsTooDeeply(LONG + nested(65))).toBe(true);
  expect(nestsTooDeeply(LONG + nested(64))).toBe(false);
  expect(nestsTooDeeply(nested(65))).toBe(false);
});

it('counts levels, not brackets, and ignores brackets in quotes', () => {
  expect(nestsTooDeeply(LONG + nested(60).repeat(100))).toBe(false);
  expect(nestsTooDeeply(`${LONG}["${'['.repeat(100)}"`)).toBe(false);
  expect(nestsTooDeeply(`${LONG}["\\"${'['.repeat(100)}"`)).toBe(false);
  expect(nestsTooDeeply(`${LONG}["\\\\"${'['.repeat(100)}`)).toBe(true);
  expect(nestsTooDeeply(`${LONG}["${'['.repeat(100)}`)).toBe(false);
  expect(nestsTooDeeply(`${LONG}no JSON ${'['.repeat(100)}`)).toBe(false);
});

it('a body of deep brackets is refused without being parsed, also inside a wrapper', () => {
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
