import { deflateRawSync } from 'node:zlib';
import type { Rejection } from '#events/contract.ts';
import { formatTime } from '#events/contract.ts';
import { environment } from './environment.ts';
import { digestOf, fingerprintOf } from './hash.ts';
import { type OutgoingMessage, sendAll } from './queue.ts';

/** A body over this would not fit a message of 1 MiB once it is quoted inside of another, so it is kept deflated. */
const MAX_PLAIN_BYTES = 400_000;

/** What was refused, and why. It is kept whole, so that it can be mended and sent again. */
export type Reject = Rejection & {
  /** Equal for the same refusal delivered again, so that counting distinct ids counts refusals. */
  id: string;
  receivedAt: string;
  /** The refused event as it came, where its message's body was JSON. */
  event?: unknown;
  /** The message's body as it came, where it was none. */
  body?: string;
  /** Either of the two above as JSON, deflated and in base64, where it is too large to be kept plain. */
  deflated?: string;
};

const identityOf = (event: unknown): [source: string, id: string] | undefined => {
  if (typeof event !== 'object' || event === null) return undefined;
  const { source, id } = event as { source?: unknown; id?: unknown };
  return typeof source === 'string' && typeof id === 'string' ? [source, id] : undefined;
};

/**
 * Makes a reject of a refused value. An event with a source and an id is the same refusal however often it is sent with
 * the same content; anything else has no identity but its place (`place`: message and index).
 */
export const rejectOf = (rejection: Rejection, refused: unknown, place: string, sentMs: number): Reject => {
  const text = JSON.stringify(refused);
  const identity = identityOf(refused);
  const id =
    identity === undefined
      ? fingerprintOf(digestOf('place', place))
      : fingerprintOf(digestOf(...identity, rejection.reason, text));
  const kept =
    Buffer.byteLength(text) > MAX_PLAIN_BYTES
      ? { deflated: deflateRawSync(text).toString('base64') }
      : typeof refused === 'string'
        ? { body: refused }
        : { event: refused };
  return { id, ...rejection, receivedAt: formatTime(sentMs), ...kept };
};

const toMessage = (reject: Reject): OutgoingMessage => ({ message: reject });

/** Puts rejects where they are kept for two weeks. */
export const sendRejects = (rejects: readonly Reject[]): Promise<void> =>
  rejects.length === 0
    ? Promise.resolve()
    : sendAll(environment('REJECTS_QUEUE_URL'), rejects.map(toMessage));
