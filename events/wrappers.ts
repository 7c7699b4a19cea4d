/** Wrappers that services put around a CloudEvent: opened if they can be read, otherwise named in the refusal. */

import { shapeBoundBrokenBy } from './shape.ts';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * EventBridge may feed SNS, or SNS may feed EventBridge, so there may be two wrappers around an event. More
 * are not opened.
 */
const MAX_WRAPPERS = 2;

/** An SNS notification (SNS, "HTTP/HTTPS notification JSON format"), as a queue gets it without raw message delivery. */
const isSnsNotification = (value: Fields): boolean =>
  value.Type === 'Notification' && typeof value.TopicArn === 'string' && typeof value.Message === 'string';

/** An EventBridge event (EventBridge, "AWS service event metadata"). */
const isEventBridgeEvent = (value: Fields): boolean =>
  typeof value['detail-type'] === 'string' && 'detail' in value && value.specversion === undefined;

/** The events inside known wrappers. Anything else, and a wrapper whose content cannot be read, stays as it is. */
export const unwrapped = (value: unknown, wrappers = MAX_WRAPPERS): unknown[] => {
  if (wrappers === 0 || !isObject(value)) return [value];
  const inner = isSnsNotification(value)
    ? parsed(value.Message as string)
    : isEventBridgeEvent(value)
      ? value.detail
      : undefined;
  const events = Array.isArray(inner) ? inner : [inner];
  if (events.length === 0 || !events.every(isObject)) return [value];
  return events.flatMap((event) => unwrapped(event, wrappers - 1));
};

const parsed = (text: string): unknown => {
  if (shapeBoundBrokenBy(text) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * What is sent instead of a CloudEvent. A key lists the fields by which such a value is recognised, and the refusal names the
 * last of these fields. The text follows the words "expected a CloudEvent" in the refusal.
 */
const OTHERS: Readonly<Record<string, string>> = {
  'TopicArn Message': ' in the Message of this SNS notification',
  'detail-type detail': ' in the detail of this EventBridge event',
  Records: ', not the Records of Lambda',
  'requestId records': ', not Firehose records',
  'recordId data': ', not a Firehose record',
  'headers body': ', not an HTTP request',
  'subscription message': ', not a Pub/Sub message',
  'eventTime eventType': ', not an event in the format of Event Grid',
  'schema payload': ', not a Kafka Connect record',
  orderId: ' in structured mode, not its data alone as in binary mode',
};

/**
 * For a value that is not a CloudEvent: the wrapper that it looks like, as the field at fault, with what was expected there and
 * what was found; undefined if it looks like none.
 */
export const wrapperOf = (value: Fields): { field: string; expected: string; value: unknown } | undefined => {
  for (const [told, how] of Object.entries(OTHERS)) {
    const fields = told.split(' ');
    if (!fields.every((field) => value[field] !== undefined)) continue;
    const field = fields.at(-1)!;
    return { field, expected: `a CloudEvent${how}`, value: value[field] };
  }
  return undefined;
};

/**
 * How gzip begins in base64, and what JSON that begins with a brace or a bracket looks like in base64 (RFC
 * 1952, section 2.3.1; RFC 4648, section 4).
 */
const GZIP_BASE64 = /^\s*H4sI[A-Za-z0-9+/]/;
const JSON_BASE64 = /^\s*(?:eyJ|ey[A-Za-z]|W3s|Ww[A-Za-z])[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** What was expected instead of a body that is not JSON; the text names what the body looks like, if that is known. */
export const bodyExpected = (body: string): string => {
  const expected = 'an event or a batch of events in JSON';
  if (GZIP_BASE64.test(body)) return `${expected}, not gzip in base64`;
  if (JSON_BASE64.test(body)) return `${expected}, not base64`;
  return expected;
};
