/** Hashes that name events, shards and contents. */
import { hash } from 'node:crypto';

/** An event id is kept as 96 bits: among 10^12 events, the probability of any collision is 6 in 10^6. */
export const EVENT_ID_BYTES = 12;
const EVENT_ID_CHARS = (EVENT_ID_BYTES * 8) / 6;

/** 32-bit hashes are below this. */
export const HASH_RANGE = 2 ** 32;

const FIELD_SEPARATOR = '\u0000';

/** The bytes of SHA-256 over fields, joined by a byte that no field may contain. */
export const digestOf = (...fields: string[]): Buffer =>
  // `hash` returns text here, because each Buffer from it would take memory of its own outside of the heap.
  Buffer.from(hash('sha256', fields.join(FIELD_SEPARATOR), 'binary'), 'binary');

/**
 * The identity of an event in the pipeline. CloudEvents 1.0, section "id": source and id together are unique for
 * each distinct event. A redelivered event gets the same 16 characters; another producer's event gets others.
 */
export const eventIdOf = (source: string, id: string): string =>
  hash('sha256', source + FIELD_SEPARATOR + id, 'base64url').slice(0, EVENT_ID_CHARS);

/** The shard of an event, 0 to shards - 1. It depends on the id alone, so that duplicates meet in one shard. */
export const shardOf = (eventId: string, shards: number): number =>
  shards === 1 ? 0 : Buffer.from(eventId, 'base64url').readUInt32LE(0) % shards;

const FINGERPRINT_CHARS = 22;

/** 132 bits of SHA-256 over bytes or text, as base64url text: a name that follows from the content. */
export const fingerprintOf = (content: Uint8Array | string): string =>
  hash('sha256', content, 'base64url').slice(0, FINGERPRINT_CHARS);
