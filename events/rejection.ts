/** Why something was refused, as a value: a reason to count by, the field at fault, and a sentence to read. */

/** All reasons. Reports and alarms group by them, so a reason is never renamed or reused. */
export const REJECT_REASONS = [
  'not-json',
  'not-an-object',
  'wrong-specversion',
  'unknown-type',
  'missing-field',
  'unknown-field',
  'wrong-type',
  'out-of-range',
  'bad-format',
  'bad-time',
  'future-time',
  'rule-broken',
  'no-open-campaign',
  'beyond-horizon',
  'conflicting-definition',
  'too-large',
  'wrong-queue',
  'wrong-sender',
  'too-many-campaigns',
  'conflicting-link',
  'too-many-links',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/**
 * One refusal. `field` is the full path from the event's root (`data.amountFen`, `data.offers[2].discountFen`);
 * `message` reads "data.amountFen: expected an integer from 1 to 10000000000, got -5".
 */
export type Rejection = { reason: RejectReason; field: string; message: string };

/** Enough to recognise a value by, and little enough that a 1 MiB field cannot make a 1 MiB message. */
const MAX_SHOWN_CHARS = 80;

/** SQS refuses a message with one of these two characters unescaped. They are replaced, so a sentence may go into any message. */
const BARRED_BY_SQS = /[\ufffe\uffff]/g;

/**
 * Writes the start of a value as JSON. It stops when `roomChars` is used up, and each level of nesting uses some,
 * so neither a huge nor a deeply nested value costs much more than a short one. JSON.stringify would overflow the
 * stack on a deeply nested value.
 */
const writeStart = (value: unknown, roomChars: number): string => {
  if (roomChars <= 0) return '';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, roomChars));
  if (typeof value !== 'object' || value === null) return String(value);
  const isArray = Array.isArray(value);
  let text = isArray ? '[' : '{';
  for (const key of Object.keys(value)) {
    if (text.length > roomChars) break;
    if (text.length > 1) text += ',';
    if (!isArray) text += `${JSON.stringify(key.slice(0, roomChars))}:`;
    text += writeStart((value as Record<string, unknown>)[key], roomChars - text.length);
  }
  return text + (isArray ? ']' : '}');
};

/** The value in JSON form, at most 80 characters, safe to put in an SQS message; 'nothing' for a value that is absent. */
export const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const text = writeStart(value, MAX_SHOWN_CHARS).replace(BARRED_BY_SQS, '\ufffd');
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS - 1).toWellFormed()}…`;
};

/** Makes a refusal. The sentences of all refusals have the same form: the field, what was expected, the value given. */
export const rejection = (
  reason: RejectReason,
  field: string,
  expected: string,
  value: unknown,
): Rejection => {
  return { reason, field, message: `${field}: expected ${expected}, got ${show(value)}` };
};
