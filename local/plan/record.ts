import { memberHash } from '#domain/allocation/candidates.ts';
import type { CandidateLine } from './candidate-line.ts';

/**
 * A candidate in bytes: length of the member's name and of the offer's (2 each), hash of the member (4), value (8), cost
 * (4), pool (1), whether it is its member's first record (1), and the two names in UTF-8.
 */
export const HEADER_BYTES = 22;
const MEMBER_BYTES_AT = 0;
const OFFER_BYTES_AT = 2;
const HASH_AT = 4;
const VALUE_AT = 8;
const COST_AT = 16;
const POOL_AT = 20;
const IS_FIRST_AT = 21;

/** A line has at most 2^16 bytes, and a name is shorter than its line, so a name's length fits in 2 bytes. */
export const MAX_RECORD_BYTES = HEADER_BYTES + 2 * 0xffff;

/** Writes a candidate into a buffer with {@link MAX_RECORD_BYTES} free from `at` on. Returns where the record ends. */
export const writeRecord = (into: Buffer, at: number, line: CandidateLine): number => {
  const names = at + HEADER_BYTES;
  const memberBytes = into.write(line.member, names, 'utf8');
  const offerBytes = into.write(line.offer, names + memberBytes, 'utf8');
  into.writeUInt16LE(memberBytes, at + MEMBER_BYTES_AT);
  into.writeUInt16LE(offerBytes, at + OFFER_BYTES_AT);
  into.writeUInt32LE(memberHash(line.member), at + HASH_AT);
  into.writeDoubleLE(line.value, at + VALUE_AT);
  into.writeUInt32LE(line.costFen, at + COST_AT);
  into[at + POOL_AT] = line.pool;
  into[at + IS_FIRST_AT] = 0;
  return names + memberBytes + offerBytes;
};

/** Reads fields of records in a buffer. A record is given by the position at which it begins. */
export class RecordReader {
  readonly buffer: Buffer;
  readonly #view: DataView;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  }

  #memberBytes(at: number): number {
    return this.#view.getUint16(at + MEMBER_BYTES_AT, true);
  }

  #offerBytes(at: number): number {
    return this.#view.getUint16(at + OFFER_BYTES_AT, true);
  }

  bytes(at: number): number {
    return HEADER_BYTES + this.#memberBytes(at) + this.#offerBytes(at);
  }

  /** The end of the record, or undefined if the record continues after `end`. */
  endOf(at: number, end: number): number | undefined {
    if (at + HEADER_BYTES > end) return undefined;
    const next = at + this.bytes(at);
    return next > end ? undefined : next;
  }

  hash(at: number): number {
    return this.#view.getUint32(at + HASH_AT, true);
  }

  value(at: number): number {
    return this.#view.getFloat64(at + VALUE_AT, true);
  }

  costFen(at: number): number {
    return this.#view.getUint32(at + COST_AT, true);
  }

  pool(at: number): number {
    return this.buffer[at + POOL_AT]!;
  }

  /** Whether the record is its member's first. */
  isFirst(at: number): boolean {
    return this.buffer[at + IS_FIRST_AT] === 1;
  }

  markFirst(at: number): void {
    this.buffer[at + IS_FIRST_AT] = 1;
  }

  /** The member's name with one character for each byte: different names give different keys. */
  memberKey(at: number): string {
    return this.buffer.toString('latin1', at + HEADER_BYTES, at + HEADER_BYTES + this.#memberBytes(at));
  }

  /** The member's name, as JSON. */
  member(at: number): string {
    return this.buffer.toString('utf8', at + HEADER_BYTES, at + HEADER_BYTES + this.#memberBytes(at));
  }

  /** The offer's name, as JSON. */
  offer(at: number): string {
    const names = at + HEADER_BYTES + this.#memberBytes(at);
    return this.buffer.toString('utf8', names, names + this.#offerBytes(at));
  }
}
