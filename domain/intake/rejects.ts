/** Makes rejects of refused events, and sends them to the rejects queue. */
import { hash } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import type { Rejection } from '#events/contract.ts';
import { formatTime } from '#events/contract.ts';
import { digestOf, fingerprintOf } from '#platform/hash.ts';
import { MAX_BODY_BYTES, type OutgoingMessage, sendAll, toBody } from '#platform/queue.ts';
import type { Runtime } from '#platform/runtime.ts';

/** A longer body might exceed a message of 1 MiB once it is quoted as JSON, so it is deflated. */
const MAX_PLAIN_BYTES = 400_000;
/** Tried in turn. The first takes a third of the second's time, and suffices for most events that are too large as plain text. */
const DEFLATE_LEVELS = [constants.Z_BEST_SPEED, constants.Z_DEFAULT_COMPRESSION];
/** How much is kept of a value that is still too large: enough to find out who sent it. */
const CUT_PREFIX_CHARS = 1_000;
/** The longest path or sentence in a refusal. */
const MAX_TEXT_CHARS = 400;

/** What is left of a refused value that does not fit a message: its beginning, its length in UTF-8, and its SHA-256 (hex). */
export type Cut = { prefix: string; bytes: number; sha256: string };

/** What was refused, and why. It is kept whole if it fits a message, so that it can be corrected and sent again. */
export type Reject = Rejection & {
  /** Equal for the same refusal delivered again, so that counting distinct ids counts refusals. */
  id: string;
  receivedAt: string;
  /** The refused event as received, if its message's body was JSON. */
  event?: unknown;
  /** The message's body as received, if it was not JSON. */
  body?: string;
  /** The event or the body as deflated JSON in base64, if it is too large for plain text. */
  deflated?: string;
  /** The beginning of the value, if even the deflated form is too large for a message. */
  cut?: Cut;
};

const identityOf = (event: unknown): [source: string, id: string] | undefined => {
  if (typeof event !== 'object' || event === null) return undefined;
  const { source, id } = event as { source?: unknown; id?: unknown };
  return typeof source === 'string' && typeof id === 'string' ? [source, id] : undefined;
};

/** Where a refused value came from: its message's body, its place (message and index), and when it was sent. */
export type Origin = { body: string; place: string; sentMs: number };

/**
 * The value as JSON; undefined if it is nested too deeply. `JSON.stringify` overflows the stack at depths that `JSON.parse`
 * still reads.
 */
const toJson = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const cutText = (text: string): string =>
  text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS).toWellFormed()}…`;

const cutOf = (text: string): Cut => ({
  prefix: text.slice(0, CUT_PREFIX_CHARS).toWellFormed(),
  bytes: Buffer.byteLength(text),
  sha256: hash('sha256', text, 'hex'),
});

const fits = (reject: Reject): boolean => Buffer.byteLength(toBody(reject)) <= MAX_BODY_BYTES;

/** Adds the refused value in the most complete form that fits a message. */
const withContent = (bare: Reject, kept: unknown, text: string): Reject => {
  if (Buffer.byteLength(text) <= MAX_PLAIN_BYTES) {
    const plain = { ...bare, ...(typeof kept === 'string' ? { body: kept } : { event: kept }) };
    if (fits(plain)) return plain;
  }
  for (const level of DEFLATE_LEVELS) {
    const deflated = { ...bare, deflated: deflateRawSync(text, { level }).toString('base64') };
    if (fits(deflated)) return deflated;
  }
  return { ...bare, cut: cutOf(typeof kept === 'string' ? kept : text) };
};

/**
 * Makes a reject of a refused value. An event with a source and an id gets the same reject id however often it is sent with
 * the same content and refused for the same reason; anything else is identified by its place. A reject always fits a message.
 */
export const rejectOf = (rejection: Rejection, refused: unknown, origin: Origin): Reject => {
  const json = toJson(refused);
  // A value that cannot be written as JSON is kept as the body of its message.
  const kept = json === undefined ? origin.body : refused;
  const text = json ?? JSON.stringify(origin.body);
  const identity = identityOf(kept);
  const id =
    identity === undefined
      ? fingerprintOf(digestOf('place', origin.place))
      : fingerprintOf(digestOf(...identity, rejection.reason, text));
  const { reason, field, message } = rejection;
  const bare: Reject = {
    id,
    reason,
    field: cutText(field),
    message: cutText(message),
    receivedAt: formatTime(origin.sentMs),
  };
  return withContent(bare, kept, text);
};

const toMessage = (reject: Reject): OutgoingMessage => ({ message: reject });

/** Sends rejects to their queue, which keeps them for two weeks. */
export const sendRejects = (runtime: Runtime, rejects: readonly Reject[]): Promise<void> =>
  rejects.length === 0
    ? Promise.resolve()
    : sendAll(runtime, runtime.environment('REJECTS_QUEUE_URL'), rejects.map(toMessage));
