/** The hash by which members are sampled. */
import { digestOf } from '#platform/hash.ts';

/** 35 bits, which fit in a varint of five bytes: among 10 M members, 3 in 10,000 share their hash with another member. */
const HASH_BYTES = 5;
const UNUSED_BITS_FACTOR = 2 ** 5;
/** Member hashes are below this. */
export const MEMBER_HASH_RANGE = 2 ** 35;

/**
 * A member's place in samples, from 1 on: uniform, the same in every campaign and window, and independent of the arm and of the
 * member's contribution to a sketch.
 */
export const memberHashOf = (member: string): number =>
  Math.max(1, Math.floor(digestOf('sample', member).readUIntBE(0, HASH_BYTES) / UNUSED_BITS_FACTOR));
