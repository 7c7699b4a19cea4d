import { describe, expect, it } from 'vitest';
import {
  formatTime,
  parseBody,
  parseCampaignDefinition,
  parseEvent,
  type Rejection,
  type RejectReason,
} from '#events/contract.ts';
import { MAX_AMOUNT_FEN } from '#events/fields.ts';
import { definition, NOW_MS, orderPaid, presaleStarted } from './factories.ts';

/** The refusal of a message body or of its first event; undefined if both are accepted. */
const refusalOf = (body: string): Rejection | undefined => {
  const parsed = parseBody(body);
  if (!parsed.ok) return parsed.rejection;
  const result = parseEvent(parsed.events[0], NOW_MS);
  return result.ok ? undefined : result.rejection;
};

const near = (storeId?: unknown) => orderPaid({ channel: 'near', storeId });
/** An order's JSON text with its amount written as `literal`, which may be something that JSON.stringify never writes. */
const amountText = (literal: string) =>
  JSON.stringify(orderPaid({ amountFen: 'HERE' })).replace('"HERE"', literal);
const time = (text: unknown) => orderPaid({}, { time: text });
const withProto = (text: string) => text.replace('{', '{"__proto__":{"amountFen":1},');

const CASES: [what: string, given: unknown, reason: RejectReason, field: string][] = [
  ['an empty body', '', 'not-json', 'body'],
  ['a body cut in the middle', '{"specversion":"1.0"', 'not-json', 'body'],
  ['a bare NaN in the body', amountText('NaN'), 'not-json', 'body'],
  ['a bare Infinity in the body', amountText('Infinity'), 'not-json', 'body'],
  ['an empty batch', '[]', 'not-an-object', 'body'],
  ['a number as event', '5', 'not-an-object', 'event'],
  ['null as event', 'null', 'not-an-object', 'event'],
  ['a string as event', '"order.paid"', 'not-an-object', 'event'],
  ['a batch in a batch', '[[]]', 'not-an-object', 'event'],

  ['no version', orderPaid({}, { specversion: undefined }), 'missing-field', 'specversion'],
  ['an old version', orderPaid({}, { specversion: '0.3' }), 'wrong-specversion', 'specversion'],
  ['a version as a number', orderPaid({}, { specversion: 1.0 }), 'wrong-specversion', 'specversion'],
  ['no type', orderPaid({}, { type: undefined }), 'missing-field', 'type'],
  ['another type', orderPaid({}, { type: 'order.cancelled' }), 'unknown-type', 'type'],
  ['a type with capital letters', orderPaid({}, { type: 'Order.Paid' }), 'unknown-type', 'type'],
  ['a type that every object inherits', orderPaid({}, { type: 'constructor' }), 'unknown-type', 'type'],
  ['a type that is no text', orderPaid({}, { type: ['order.paid'] }), 'unknown-type', 'type'],

  ['no id', orderPaid({}, { id: undefined }), 'missing-field', 'id'],
  ['a null id, which to CloudEvents is no id', orderPaid({}, { id: null }), 'missing-field', 'id'],
  ['an empty id', orderPaid({}, { id: '' }), 'bad-format', 'id'],
  ['an id of 129 characters', orderPaid({}, { id: 'a'.repeat(129) }), 'bad-format', 'id'],
  ['an id that starts with a space', orderPaid({}, { id: ' a' }), 'bad-format', 'id'],
  ['an id that ends in a no-break space', orderPaid({}, { id: 'a\u00a0' }), 'bad-format', 'id'],
  ['an id with a line break', orderPaid({}, { id: 'a\nb' }), 'bad-format', 'id'],
  ['an id with half a character', orderPaid({}, { id: 'a\ud83d' }), 'bad-format', 'id'],
  ['an id that SQS would refuse', orderPaid({}, { id: 'a\uffffb' }), 'bad-format', 'id'],
  ['an id that is a number', orderPaid({}, { id: 7 }), 'wrong-type', 'id'],
  ['no source', orderPaid({}, { source: undefined }), 'missing-field', 'source'],
  ['a source with a space', orderPaid({}, { source: '/shop orders' }), 'bad-format', 'source'],
  ['a source with a bare percent sign', orderPaid({}, { source: '/100%' }), 'bad-format', 'source'],
  ['another media type', orderPaid({}, { datacontenttype: 'text/xml' }), 'bad-format', 'datacontenttype'],
  [
    'a media type that only begins like JSON',
    orderPaid({}, { datacontenttype: 'application/jsonx' }),
    'bad-format',
    'datacontenttype',
  ],
  [
    'an attribute with a capital letter, which no extension may have',
    orderPaid({}, { partitionKey: 'a' }),
    'unknown-field',
    'partitionKey',
  ],
  ['an extension that is an object', orderPaid({}, { partitionkey: {} }), 'unknown-field', 'partitionkey'],
  [
    'data in base64 and no other data',
    orderPaid({}, { data: undefined, data_base64: 'e30=' }),
    'unknown-field',
    'data_base64',
  ],
  ['data in base64 besides data', orderPaid({}, { data_base64: 'e30=' }), 'unknown-field', 'data_base64'],
  ['a prototype in the envelope', withProto(JSON.stringify(orderPaid())), 'unknown-field', '__proto__'],

  ['no time', time(undefined), 'missing-field', 'time'],
  ['a time that is a number', time(1_794_326_400_000), 'wrong-type', 'time'],
  ['a time that is no time', time('now'), 'bad-time', 'time'],
  ['a date without a time', time('2026-11-11'), 'bad-time', 'time'],
  ['a time without a zone', time('2026-11-11T00:00:00'), 'bad-time', 'time'],
  ['a time with a space for the T', time('2026-11-11 00:00:00Z'), 'bad-time', 'time'],
  ['an offset of a day', time('2026-11-11T00:00:00+24:00'), 'bad-time', 'time'],
  ['a time that its offset moves before 1970', time('1970-01-01T00:00:00+08:00'), 'bad-time', 'time'],
  ['30 February', time('2017-02-30T00:00:00Z'), 'bad-time', 'time'],
  ['29 February of a year that has none', time('2026-02-29T00:00:00Z'), 'bad-time', 'time'],
  ['hour 24', time('2026-11-11T24:00:00Z'), 'bad-time', 'time'],
  ['second 60', time('2016-12-31T23:59:60Z'), 'bad-time', 'time'],
  ['a year before 1970', time('1969-12-31T23:59:59Z'), 'bad-time', 'time'],
  ['tomorrow', time('2026-11-24T00:00:00Z'), 'future-time', 'time'],
  ['a millisecond past the clock skew', time(formatTime(NOW_MS + 300_001)), 'future-time', 'time'],

  ['no data', orderPaid({}, { data: undefined }), 'missing-field', 'data'],
  ['data as text', orderPaid({}, { data: '{}' }), 'wrong-type', 'data'],
  ['data as an array', orderPaid({}, { data: [] }), 'wrong-type', 'data'],
  ['no amount', orderPaid({ amountFen: undefined }), 'missing-field', 'data.amountFen'],
  ['a null amount', orderPaid({ amountFen: null }), 'wrong-type', 'data.amountFen'],
  ['a negative amount', orderPaid({ amountFen: -5 }), 'out-of-range', 'data.amountFen'],
  [
    'a refund of 0',
    orderPaid({ amountFen: 0 }, { type: 'order.refunded' }),
    'out-of-range',
    'data.amountFen',
  ],
  [
    'a refund with a discount',
    orderPaid({ discountFen: 1 }, { type: 'order.refunded' }),
    'unknown-field',
    'data.discountFen',
  ],
  ['half a fen', orderPaid({ amountFen: 1.5 }), 'out-of-range', 'data.amountFen'],
  ['a fen too much', orderPaid({ amountFen: MAX_AMOUNT_FEN + 1 }), 'out-of-range', 'data.amountFen'],
  ['an amount beyond what is exact', orderPaid({ amountFen: 2 ** 60 }), 'out-of-range', 'data.amountFen'],
  ['an amount of 1e300', amountText('1e300'), 'out-of-range', 'data.amountFen'],
  ['an amount that JSON.parse makes infinite', amountText('1e999'), 'out-of-range', 'data.amountFen'],
  ['an amount as text', orderPaid({ amountFen: '100' }), 'wrong-type', 'data.amountFen'],
  ['NaN as text', orderPaid({ amountFen: 'NaN' }), 'wrong-type', 'data.amountFen'],
  ['no order id', orderPaid({ orderId: undefined }), 'missing-field', 'data.orderId'],
  ['a member id that is a number', orderPaid({ memberId: 12 }), 'wrong-type', 'data.memberId'],
  ['an empty brand id', orderPaid({ brandId: '' }), 'bad-format', 'data.brandId'],
  ['a null coupon id', orderPaid({ couponId: null }), 'wrong-type', 'data.couponId'],
  ['no channel', orderPaid({ channel: undefined }), 'missing-field', 'data.channel'],
  ['another channel', orderPaid({ channel: 'middle' }), 'out-of-range', 'data.channel'],
  ['a channel that is a number', orderPaid({ channel: 1 }), 'wrong-type', 'data.channel'],
  ['a near order without a store', near(), 'missing-field', 'data.storeId'],
  ['a near order with an empty store', near(''), 'bad-format', 'data.storeId'],
  ['a far order with a store', orderPaid({ storeId: 'store-1' }), 'unknown-field', 'data.storeId'],
  ['an unknown field of an order', orderPaid({ currency: 'CNY' }), 'unknown-field', 'data.currency'],
  ['an unknown field with an odd name', orderPaid({ 'a b': 1 }), 'unknown-field', 'data["a b"]'],
  [
    'a prototype in the data',
    JSON.stringify(orderPaid({}, { data: 'HERE' })).replace(
      '"HERE"',
      withProto(JSON.stringify(orderPaid().data)),
    ),
    'unknown-field',
    'data.__proto__',
  ],

  ['a campaign id with a slash', presaleStarted({ campaignId: 'a/b' }), 'bad-format', 'data.campaignId'],
  [
    'a campaign id of 65 letters',
    presaleStarted({ campaignId: 'a'.repeat(65) }),
    'bad-format',
    'data.campaignId',
  ],
  ['a campaign without an end', presaleStarted({ endsAt: undefined }), 'missing-field', 'data.endsAt'],
  [
    'a campaign with a bad start',
    presaleStarted({ startsAt: '2026-13-01T00:00:00Z' }),
    'bad-time',
    'data.startsAt',
  ],
  [
    'a campaign without length',
    presaleStarted({ endsAt: '2026-11-10T16:00:00Z' }),
    'rule-broken',
    'data.endsAt',
  ],
  [
    'a campaign that ends before it starts',
    presaleStarted({ endsAt: '2025-11-11T16:00:00Z' }),
    'rule-broken',
    'data.endsAt',
  ],
  [
    'a campaign of six years',
    presaleStarted({ endsAt: '2032-11-11T16:00:00Z' }),
    'rule-broken',
    'data.endsAt',
  ],
  [
    'a campaign compared with itself',
    presaleStarted({ compareWith: 'double11-2026' }),
    'rule-broken',
    'data.compareWith',
  ],
  ['an unknown section', presaleStarted({ metric: {} }), 'unknown-field', 'data.metric'],
  ['metrics that are no object', presaleStarted({ metrics: 10 }), 'wrong-type', 'data.metrics'],
  [
    'windows of no length',
    presaleStarted({ metrics: { windowSeconds: 0 } }),
    'out-of-range',
    'data.metrics.windowSeconds',
  ],
  ['65 shards', presaleStarted({ metrics: { shards: 65 } }), 'out-of-range', 'data.metrics.shards'],
  ['half a shard', presaleStarted({ metrics: { shards: 0.5 } }), 'out-of-range', 'data.metrics.shards'],
  ['an unknown setting', presaleStarted({ metrics: { window: 10 } }), 'unknown-field', 'data.metrics.window'],
];

describe('a malformed event is refused with its reason and its field', () => {
  it.each(CASES)('%s', (_what, given, reason, field) => {
    const refusal = refusalOf(typeof given === 'string' ? given : JSON.stringify(given));
    expect(refusal).toMatchObject({ reason, field });
    expect(refusal?.message).toMatch(/^\S.*: expected .+, got .+$/);
    expect(refusal?.message.startsWith(`${field}: `)).toBe(true);
  });
});

describe('a refusal', () => {
  it('says what was expected and what was given', () => {
    expect(refusalOf(JSON.stringify(orderPaid({ amountFen: -5 })))?.message).toBe(
      'data.amountFen: expected an integer from 0 to 10000000000, got -5',
    );
    expect(refusalOf(JSON.stringify(orderPaid({ channel: 'middle' })))?.message).toBe(
      'data.channel: expected "far" or "near", got "middle"',
    );
    expect(refusalOf(JSON.stringify(near()))?.message).toMatch(
      /^data\.storeId: expected 1 to 128 .+, got nothing$/,
    );
    expect(refusalOf(JSON.stringify(orderPaid({ tip: { fen: [1, null] } })))?.message).toBe(
      'data.tip: expected no such field, got {"fen":[1,null]}',
    );
  });

  it('names the first of several faults: the envelope before the data, fields in the order of the schema', () => {
    expect(refusalOf(JSON.stringify(orderPaid({ amountFen: -1 }, { Extra: 1, time: 'x' })))?.field).toBe(
      'time',
    );
    expect(refusalOf(JSON.stringify(orderPaid({ amountFen: -1 }, { Extra: 1 })))?.field).toBe('Extra');
    expect(refusalOf(JSON.stringify(orderPaid({ amountFen: -1, brandId: '', a: 1 })))?.field).toBe(
      'data.brandId',
    );
  });

  it('stays short however large, or deeply nested, the value is', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const texts = [
      JSON.stringify(orderPaid({ memberId: '智'.repeat(300_000) })),
      JSON.stringify(orderPaid({ memberId: '😀'.repeat(300_000) })),
      JSON.stringify(orderPaid({ ['k'.repeat(300_000)]: 1 })),
      JSON.stringify(orderPaid({ orderId: 'HERE' })).replace('"HERE"', deep),
      deep,
    ];
    for (const text of texts) {
      const refusal = refusalOf(text);
      expect(refusal?.message.length).toBeLessThan(320);
      expect(refusal?.message.isWellFormed()).toBe(true);
    }
  });

  it('quotes only characters that SQS carries', () => {
    expect(refusalOf(JSON.stringify(orderPaid({ orderId: '\ufffe\uffff ' })))?.message).not.toMatch(
      /[\ufffe\uffff]/,
    );
  });
});

describe('what is well formed passes', () => {
  it.each<[string, unknown]>([
    ['a far order', orderPaid()],
    ['a near order', near('store-上海-0412')],
    ['a refund', orderPaid({}, { type: 'order.refunded' })],
    ['an order with a coupon', orderPaid({ couponId: 'c-1' })],
    ['an id of 128 characters of four bytes', orderPaid({}, { id: '😀'.repeat(128) })],
    ['an id of one character', orderPaid({}, { id: '1' })],
    ['an id with an inner space and a non-joiner', orderPaid({ memberId: 'می\u200cخواهم ok' })],
    ['the smallest amount', orderPaid({ amountFen: 1 })],
    ['the largest amount', orderPaid({ amountFen: MAX_AMOUNT_FEN })],
    [
      'every optional attribute',
      orderPaid({}, { subject: 's', datacontenttype: 'application/json', dataschema: 'u:s' }),
    ],
    [
      'optional attributes that are null',
      orderPaid({}, { subject: null, dataschema: null, traceparent: null }),
    ],
    [
      'the tracing extension',
      orderPaid({}, { traceparent: `00-${'a'.repeat(32)}-b7ad6b7169203331-01`, tracestate: 'a=b' }),
    ],
    ['a time ahead by just the allowed clock skew', time(formatTime(NOW_MS + 300_000))],
    ['29 February of a year that has one', time('2024-02-29T23:59:59.9Z')],
    ['a campaign', presaleStarted()],
    [
      'a campaign of five years',
      presaleStarted({ endsAt: '2031-11-10T16:00:00Z', metrics: { windowSeconds: 86_400 } }),
    ],
    ['a campaign compared with another', presaleStarted({ compareWith: 'double11-2025' })],
  ])('%s', (_what, event) => {
    expect(refusalOf(JSON.stringify(event))).toBeUndefined();
  });

  it('and a batch keeps its events in order', () => {
    expect(parseBody('[1,{"a":2}]')).toEqual({ ok: true, events: [1, { a: 2 }] });
    expect(parseBody('{"a":2}')).toEqual({ ok: true, events: [{ a: 2 }] });
  });

  it('and its times come back in the canonical form, while the given event stays as it was', () => {
    const given = presaleStarted({ startsAt: '2026-11-10T16:00:00Z', endsAt: '2026-11-11T16:00:00.5Z' });
    const result = parseEvent({ ...given, time: '2026-11-10T15:55:00Z' }, NOW_MS);
    expect(result).toMatchObject({
      ok: true,
      event: {
        time: '2026-11-10T15:55:00.000Z',
        data: { startsAt: '2026-11-10T16:00:00.000Z', endsAt: '2026-11-11T16:00:00.500Z' },
      },
    });
    expect(given.data.startsAt).toBe('2026-11-10T16:00:00Z');
  });
});

describe('a campaign definition on its own', () => {
  it('is parsed like one in an event, with fields named from its own root', () => {
    expect(parseCampaignDefinition(definition())).toEqual({ ok: true, definition: definition() });
    expect(parseCampaignDefinition(definition({ metrics: { shards: 0 } }))).toMatchObject({
      rejection: { reason: 'out-of-range', field: 'metrics.shards' },
    });
    expect(parseCampaignDefinition(definition({ endsAt: '2026-11-10T15:00:00Z' }))).toMatchObject({
      rejection: { reason: 'rule-broken', field: 'endsAt' },
    });
    expect(parseCampaignDefinition([])).toMatchObject({
      rejection: { reason: 'not-an-object', field: 'definition' },
    });
    expect(parseCampaignDefinition(definition({ campaignId: null }))).toMatchObject({
      rejection: { reason: 'wrong-type', field: 'campaignId' },
    });
  });
});
