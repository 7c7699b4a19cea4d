import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBody, parseEvent } from '#events/contract.ts';
import { MAX_AMOUNT_FEN, MAX_ID_LENGTH } from '#events/fields.ts';
import { jsonSchemaOf } from '#events/json-schemas.ts';
import { REJECT_REASONS } from '#events/rejection.ts';
import { EVENT_TYPES } from '#events/types.ts';
import { NOW_MS, orderPaid, presaleStarted } from './factories.ts';

type Json = Record<string, unknown>;

/**
 * Texts in every script, with characters that an id must not have: controls, separators, lone surrogates, spaces at the
 * ends.
 */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 10 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    maxLength: 4,
  }),
  fc.constantFrom('', ' ', 'a ', '\u2028', 'a\u2029b', '\ud800', '\uffff', 'a\u0085', '\ufeffa', '__proto__'),
  fc.integer({ min: 120, max: 136 }).map((length) => '汉'.repeat(length)),
  fc.integer({ min: 120, max: 136 }).map((length) => '😀'.repeat(length)),
);

const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1, -1, 0.5, MAX_AMOUNT_FEN, MAX_AMOUNT_FEN + 1, 1e300, Number.POSITIVE_INFINITY),
);

const anyTime = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('2026-11-11T00:00:00Z', '2026-02-30T00:00:00Z', '2026-11-11', '2026-11-11T00:00:00+08:00'),
);

const anyValue = fc.oneof(anyText, anyNumber, anyTime, fc.jsonValue({ maxDepth: 2 }), fc.constant({}));

const goodEvent = fc.oneof(
  fc
    .record({
      type: fc.constantFrom('order.paid', 'order.refunded'),
      amountFen: fc.integer({ min: 1, max: 100_000 }),
    })
    .map(({ type, amountFen }): Json => orderPaid({ amountFen }, { type })),
  fc.constantFrom<Json>(
    orderPaid({ couponId: 'coupon-1' }),
    orderPaid({ channel: 'near', storeId: 'store-1' }, { subject: null, tracestate: 'a=b' }),
    presaleStarted(),
    presaleStarted({ compareWith: 'last-year', metrics: { windowSeconds: 60, shards: 4, horizonHours: 48 } }),
  ),
);

const FIELDS = [
  ...[
    'specversion',
    'type',
    'id',
    'source',
    'time',
    'subject',
    'datacontenttype',
    'dataschema',
    'traceparent',
    'data',
  ],
  ...['data.orderId', 'data.memberId', 'data.brandId', 'data.amountFen', 'data.channel', 'data.storeId'],
  ...['data.couponId', 'data.campaignId', 'data.startsAt', 'data.endsAt', 'data.compareWith', 'data.metrics'],
  ...[
    'data.metrics.windowSeconds',
    'data.metrics.shards',
    'data.metrics.horizonHours',
    'extra',
    'data.extra',
  ],
];

type Change = { field: string; remove: boolean; value: unknown };

/** A change to any field. About half of the new values are chosen to be right for some field. */
const change: fc.Arbitrary<Change> = fc.record({
  field: fc.constantFrom(...FIELDS),
  remove: fc.boolean(),
  value: fc.oneof(
    anyValue,
    fc.constantFrom<unknown>('near', 'far', 'order.paid', 'a', 1, '2026-11-10T17:00:00Z'),
  ),
});

const changed = (event: Json, { field, remove, value }: Change): Json => {
  const copy = structuredClone(event);
  const path = field.split('.');
  const last = path.pop() ?? '';
  let inner = copy;
  for (const key of path) {
    if (typeof inner[key] !== 'object' || inner[key] === null) inner[key] = {};
    inner = inner[key] as Json;
  }
  if (remove) delete inner[last];
  else inner[last] = value;
  return copy;
};

const mutant = fc
  .tuple(goodEvent, fc.array(change, { minLength: 0, maxLength: 2 }))
  .map(([event, changes]) => changes.reduce(changed, event));

const ajv = new Ajv2020();
const schemas = new Map(EVENT_TYPES.map((type) => [type as unknown, ajv.compile(jsonSchemaOf(type))]));
const fitsSchema = (event: Json) => schemas.get(event.type)?.(event) ?? false;

describe('the parser and the JSON Schemas', () => {
  it('agree on every event, except on what no schema can state: limits on future times and rules between fields', () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(mutant, (event) => {
        const result = parseEvent(event, NOW_MS);
        if (result.ok) accepted++;
        else refused++;
        const isBeyondSchemas =
          !result.ok && ['future-time', 'rule-broken'].includes(result.rejection.reason);
        expect(fitsSchema(event)).toBe(result.ok || isBeyondSchemas);
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(300);
  });
});

describe('the parser', () => {
  it('gives an answer for any value and for any text, and never throws', () => {
    const anything = fc.oneof(fc.jsonValue(), mutant, fc.dictionary(anyText, anyValue), fc.anything());
    fc.assert(
      fc.property(anything, (value) => {
        const result = parseEvent(value, NOW_MS);
        if (result.ok) return;
        expect(REJECT_REASONS).toContain(result.rejection.reason);
        expect(result.rejection.message.startsWith(`${result.rejection.field}: expected `)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), anyText), (body) => {
        const result = parseBody(body);
        expect(result.ok ? result.events.length : 1).toBeGreaterThan(0);
      }),
    );
  });

  it('accepts an event that it has returned, and returns it unchanged', () => {
    fc.assert(
      fc.property(mutant, (event) => {
        const once = parseEvent(event, NOW_MS);
        if (once.ok) expect(parseEvent(once.event, NOW_MS)).toEqual(once);
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds the same fault whatever the order of the fields', () => {
    const reversed = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, member]) => [key, reversed(member)]),
          )
        : value;
    fc.assert(
      fc.property(mutant, (event) => {
        const [there, back] = [parseEvent(event, NOW_MS), parseEvent(reversed(event), NOW_MS)];
        const faultOf = (result: typeof there) =>
          result.ok ? 'none' : [result.rejection.reason, result.rejection.field];
        expect(faultOf(back)).toEqual(faultOf(there));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes exactly the ids of 1 to 128 characters that every table and queue can hold', () => {
    const isBarred = (char: string) => {
      const code = char.codePointAt(0) ?? 0;
      const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f);
      const isHalf = code >= 0xd800 && code <= 0xdfff;
      return isControl || isHalf || code === 0x2028 || code === 0x2029 || code === 0xfffe || code === 0xffff;
    };
    fc.assert(
      fc.property(anyText, (id) => {
        const chars = [...id];
        const isGood =
          chars.length >= 1 && chars.length <= MAX_ID_LENGTH && id.trim() === id && !chars.some(isBarred);
        expect(parseEvent(orderPaid({ memberId: id }, { id }), NOW_MS).ok).toBe(isGood);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes exactly the amounts that are whole fen within the limit', () => {
    fc.assert(
      fc.property(anyNumber, (amountFen) => {
        const isGood = Number.isInteger(amountFen) && amountFen >= 0 && amountFen <= MAX_AMOUNT_FEN;
        expect(parseEvent(orderPaid({ amountFen }), NOW_MS).ok).toBe(isGood);
      }),
      { numRuns: 2_000 },
    );
  });
});
