import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CloudEvent, HTTP } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import { type PipelineEvent, parseBody, parseEvent, type Rejection } from '#events/contract.ts';
import { jsonSchemaOf } from '#events/json-schemas.ts';
import { NOW_MS, orderPaid } from './factories.ts';

const DATA = orderPaid().data;

const read = (body: string): (PipelineEvent | Rejection)[] => {
  const parsed = parseBody(body);
  if (!parsed.ok) return [parsed.rejection];
  return parsed.events.map((value) => {
    const result = parseEvent(value, NOW_MS);
    return result.ok ? result.event : result.rejection;
  });
};

const emitted = (id: string, attributes: object = {}) =>
  new CloudEvent({
    id,
    source: '/shop/orders',
    type: 'order.paid',
    time: '2026-11-11T00:01:00+08:00',
    data: DATA,
    ...attributes,
  });

const isEvent = (id: string) => expect.objectContaining({ id, type: 'order.paid', data: DATA });

describe('what the cloudevents package emits', () => {
  it('is accepted in structured mode', () => {
    const { body } = HTTP.structured(emitted('e1', { datacontenttype: 'application/json; charset=utf-8' }));
    expect(read(body as string)).toEqual([isEvent('e1')]);
  });

  it('is accepted in batched mode', () => {
    const body = JSON.stringify([emitted('e1'), emitted('e2'), emitted('e3')]);
    expect(read(body)).toEqual([isEvent('e1'), isEvent('e2'), isEvent('e3')]);
  });

  it('is accepted with extension attributes, which are dropped, and the JSON Schema agrees', () => {
    const event = emitted('e1', { partitionkey: 'p', sequence: 7, sampled: true, traceparent: '00-a-b-01' });
    const [found] = read(JSON.stringify(event));
    expect(found).toEqual(isEvent('e1'));
    expect(found).not.toHaveProperty('partitionkey');
    expect(
      new Ajv2020({ strict: false }).compile(jsonSchemaOf('order.paid'))(JSON.parse(JSON.stringify(event))),
    ).toBe(true);
  });
});

describe('the media type of data', () => {
  it.each([
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/vnd.shop.order+json',
    'application/cloudevents+json; charset="utf-8"',
    'text/json',
  ])('may be %s', (datacontenttype) => {
    expect(parseEvent(orderPaid({}, { datacontenttype }), NOW_MS)).toMatchObject({ ok: true });
  });
});

const sns = (message: string) => ({
  Type: 'Notification',
  MessageId: 'm-1',
  TopicArn: 'arn:aws:sns:us-east-1:000000000000:orders',
  Message: message,
  Timestamp: '2026-11-10T16:01:00.000Z',
});

const eventBridge = (detail: unknown) => ({
  version: '0',
  id: 'b-1',
  'detail-type': 'order.paid',
  source: 'shop.orders',
  account: '000000000000',
  time: '2026-11-10T16:01:00Z',
  region: 'us-east-1',
  resources: [],
  detail,
});

describe('the body of a message', () => {
  it.each([
    ['SNS', sns(JSON.stringify(orderPaid()))],
    ['SNS with a batch', sns(JSON.stringify([orderPaid()]))],
    ['EventBridge', eventBridge(orderPaid())],
    ['EventBridge in SNS', sns(JSON.stringify(eventBridge(orderPaid())))],
  ])('is read if its event is in a wrapper: %s', (_what, wrapped) => {
    expect(read(JSON.stringify(wrapped))).toEqual([
      expect.objectContaining({ type: 'order.paid', data: DATA }),
    ]);
    expect(read(JSON.stringify([wrapped, orderPaid()]))).toHaveLength(2);
  });

  it.each([
    [
      'SNS with text',
      JSON.stringify(sns('hello')),
      'Message: expected a CloudEvent in the Message of this SNS notification, got "hello"',
    ],
    [
      'EventBridge with other data',
      JSON.stringify(eventBridge('x')),
      'detail: expected a CloudEvent in the detail of this EventBridge',
    ],
    [
      'gzip',
      gzipSync(JSON.stringify(orderPaid())).toString('base64'),
      'body: expected an event or a batch of events in JSON, not gzip in base64',
    ],
    [
      'base64',
      Buffer.from(JSON.stringify(orderPaid())).toString('base64'),
      'body: expected an event or a batch of events in JSON, not base64',
    ],
    [
      'data_base64',
      JSON.stringify(orderPaid({}, { data: undefined, data_base64: 'e30=' })),
      'data_base64: expected the JSON in data, not in base64',
    ],
    [
      'a confirmation of SNS',
      JSON.stringify({
        Type: 'SubscriptionConfirmation',
        TopicArn: 'arn',
        Message: 'You have chosen',
        Token: 't',
      }),
      'Message: expected a CloudEvent in the Message of this SNS notification, got "You have chosen"',
    ],
    [
      'EventBridge around data',
      JSON.stringify(eventBridge(DATA)),
      'orderId: expected a CloudEvent in structured mode, not its data alone as in binary mode',
    ],
    ['data', JSON.stringify(DATA), 'not its data alone as in binary mode'],
    [
      'Lambda',
      JSON.stringify({ Records: [{ eventSource: 'aws:sqs', body: JSON.stringify(orderPaid()) }] }),
      'Records: expected a CloudEvent, not the Records of Lambda',
    ],
    [
      'Firehose',
      JSON.stringify({ requestId: 'r', timestamp: 1, records: [{ data: 'e30=' }] }),
      'records: expected a CloudEvent, not Firehose records',
    ],
    [
      'a transformed record of Firehose',
      JSON.stringify({ recordId: '1', result: 'Ok', data: 'e30=' }),
      'data: expected a CloudEvent, not a Firehose record',
    ],
    [
      'HTTP',
      JSON.stringify({ headers: { 'ce-id': '1' }, body: JSON.stringify(DATA), isBase64Encoded: false }),
      'body: expected a CloudEvent, not an HTTP request',
    ],
    [
      'Pub/Sub',
      JSON.stringify({ message: { data: 'e30=', messageId: '1' }, subscription: 'projects/x' }),
      'message: expected a CloudEvent, not a Pub/Sub message',
    ],
    [
      'Event Grid',
      JSON.stringify({ id: '1', eventType: 'order.paid', eventTime: '2026-11-10T16:01:00Z', data: DATA }),
      'eventType: expected a CloudEvent, not an event in the format of Event Grid',
    ],
    [
      'Kafka Connect',
      JSON.stringify({ schema: {}, payload: orderPaid() }),
      'payload: expected a CloudEvent, not a Kafka Connect record',
    ],
  ])('is refused with a message that names what was found: %s', (_what, body, message) => {
    expect(read(body)).toEqual([expect.objectContaining({ message: expect.stringContaining(message) })]);
  });

  it('is read even if a byte order mark comes first', () => {
    expect(read(`\ufeff${JSON.stringify(orderPaid())}`)).toEqual([
      expect.objectContaining({ type: 'order.paid', data: DATA }),
    ]);
  });

  it('is refused if its event is inside more than two wrappers', () => {
    const thrice = sns(JSON.stringify(sns(JSON.stringify(sns(JSON.stringify(orderPaid()))))));
    expect(read(JSON.stringify(thrice))).toEqual([expect.objectContaining({ field: 'Message' })]);
  });
});
