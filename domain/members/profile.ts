import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { DAY_MS } from '#platform/duration.ts';
import { readerOf } from '#platform/format.ts';

/**
 * What is remembered of a member's orders, in constant size and constant time a change: exponentially decayed sums at several
 * half-lives (Cormode, Shkapenyuk, Srivastava, Xu, Forward Decay, ICDE 2009, section II), and the latest events, so that none counts
 * twice.
 *
 * Each sum is Σ aᵢ · 2^((tᵢ - t) / half-life), where t is the newest event's time. A late event enters decayed by its own
 * age, so the sums do not depend on the order of arrival but for rounding: every term is positive, each of n steps errs by at
 * most 2^-52 of the sum, and each half-life that passes by as much again through the exponent, so two orders of n events over
 * a span of k half-lives differ by less than (n + k) · 2^-51 of it.
 */
export const HALF_LIVES_DAYS = [1, 7, 30, 180, 730, 3_650] as const;

/** What is summed, in this order: fen paid, orders paid, near orders paid, fen given back. */
const SERIES = ['spendFen', 'orders', 'nearOrders', 'refundedFen'] as const;
type Series = (typeof SERIES)[number];

/**
 * How many of the latest events are remembered by their ids. After so many later events of the same member, a redelivered event looks
 * new; an order that earned a coupon is still known by that coupon.
 */
export const REMEMBERED_EVENTS = 32;

const FORMAT_VERSION = 1;
const DOUBLE_BYTES = 8;
/** 64 bits of an event's id: 32 of one member's events share one by chance with a probability of 3 in 10^17. */
const ID_BYTES = 8;
const OUTCOME_BYTES = 2;
const ENTRY_BYTES = ID_BYTES + OUTCOME_BYTES;

export type Profile = {
  /** The time that the sums are decayed to: that of the newest event. */
  newestMs: number;
  /** The times of the first and the newest order paid; 0 for none. */
  firstOrderMs: number;
  lastOrderMs: number;
  /** One series after another, a number for each half-life. */
  sums: Float64Array;
  /** The latest events, oldest first: 8 bytes of the id and 2 of the outcome, 0 to 65,535. */
  recent: Uint8Array;
};

/** An event as a profile sees it. `id` as of `eventIdOf`. */
export type ProfileEvent = {
  id: string;
  timeMs: number;
  kind: 'paid' | 'refunded';
  channel: 'far' | 'near';
  amountFen: number;
};

export const emptyProfile = (): Profile => ({
  newestMs: 0,
  firstOrderMs: 0,
  lastOrderMs: 0,
  sums: new Float64Array(SERIES.length * HALF_LIVES_DAYS.length),
  recent: new Uint8Array(),
});

/** The outcome of a remembered event; undefined for an event that is not remembered. */
export const rememberedOutcome = ({ recent }: Profile, id: string): number | undefined => {
  const bytes = Buffer.from(id, 'base64url').subarray(0, ID_BYTES);
  for (let at = 0; at < recent.length; at += ENTRY_BYTES) {
    if (bytes.equals(recent.subarray(at, at + ID_BYTES))) {
      return recent[at + ID_BYTES]! | (recent[at + ID_BYTES + 1]! << 8);
    }
  }
  return undefined;
};

/** Whether an event is, or would be, the first of a member that was ever remembered, and none has been evicted since. */
export const isFirstRemembered = ({ recent }: Profile, id: string): boolean =>
  recent.length === 0 ||
  (recent.length < REMEMBERED_EVENTS * ENTRY_BYTES &&
    Buffer.from(id, 'base64url').subarray(0, ID_BYTES).equals(recent.subarray(0, ID_BYTES)));

/**
 * Whether an event that is not remembered may have been applied and then evicted. That takes a full memory, and an event that is not
 * newer than all that were applied.
 */
export const mayHaveBeenEvicted = ({ recent, newestMs }: Profile, { timeMs }: ProfileEvent): boolean =>
  recent.length === REMEMBERED_EVENTS * ENTRY_BYTES && timeMs <= newestMs;

/** Remembers an event in place of the one remembered longest. The outcome code, 0 to 65,535, is opaque here; callers define it. */
export const remember = (profile: Profile, id: string, outcome: number): Profile => {
  const kept = profile.recent.subarray(-(REMEMBERED_EVENTS - 1) * ENTRY_BYTES);
  const recent = new Uint8Array(kept.length + ENTRY_BYTES);
  recent.set(kept);
  recent.set(Buffer.from(id, 'base64url').subarray(0, ID_BYTES), kept.length);
  recent[kept.length + ID_BYTES] = outcome & 0xff;
  recent[kept.length + ID_BYTES + 1] = outcome >> 8;
  return { ...profile, recent };
};

const factorAt = (halfLife: number, ageMs: number): number =>
  2 ** (-ageMs / (HALF_LIVES_DAYS[halfLife]! * DAY_MS));

const AMOUNTS: Readonly<Record<Series, (event: ProfileEvent) => number>> = {
  spendFen: ({ kind, amountFen }) => (kind === 'paid' ? amountFen : 0),
  orders: ({ kind }) => (kind === 'paid' ? 1 : 0),
  nearOrders: ({ kind, channel }) => (kind === 'paid' && channel === 'near' ? 1 : 0),
  refundedFen: ({ kind, amountFen }) => (kind === 'refunded' ? amountFen : 0),
};

/** The profile after an event that it does not hold yet. */
export const observe = (profile: Profile, event: ProfileEvent): Profile => {
  const newestMs = Math.max(profile.newestMs, event.timeMs);
  const count = HALF_LIVES_DAYS.length;
  const sums = new Float64Array(profile.sums.length);
  for (let halfLife = 0; halfLife < count; halfLife++) {
    const kept = factorAt(halfLife, newestMs - profile.newestMs);
    const added = factorAt(halfLife, newestMs - event.timeMs);
    for (const [index, series] of SERIES.entries()) {
      const at = index * count + halfLife;
      sums[at] = profile.sums[at]! * kept + AMOUNTS[series](event) * added;
    }
  }
  const isOrder = event.kind === 'paid';
  const { firstOrderMs, lastOrderMs } = profile;
  return {
    newestMs,
    firstOrderMs: isOrder ? Math.min(firstOrderMs || event.timeMs, event.timeMs) : firstOrderMs,
    lastOrderMs: isOrder ? Math.max(lastOrderMs, event.timeMs) : lastOrderMs,
    sums,
    recent: profile.recent,
  };
};

/** What the model knows of a member. */
export type Features = {
  /** Decayed sums, a number for each of {@link HALF_LIVES_DAYS}. */
  spendFen: number[];
  orders: number[];
  /** The shares of near orders and of fen given back, over the longest half-life; 0 to 1. */
  nearShare: number;
  refundedShare: number;
  /** Since the newest order, and since the first; Infinity and 0 for a member without any. */
  recencyDays: number;
  tenureDays: number;
};

/** A member's features at a time; one before the profile's newest event counts as that event's. */
export const featuresOf = (profile: Profile, nowMs: number): Features => {
  const count = HALF_LIVES_DAYS.length;
  const atMs = Math.max(nowMs, profile.newestMs);
  const decayed = (series: Series): number[] =>
    HALF_LIVES_DAYS.map(
      (_, halfLife) =>
        profile.sums[SERIES.indexOf(series) * count + halfLife]! *
        factorAt(halfLife, atMs - profile.newestMs),
    );
  const longest = (series: Series): number => profile.sums[SERIES.indexOf(series) * count + count - 1]!;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.min(1, part / whole));
  const hasOrders = profile.lastOrderMs > 0;
  return {
    spendFen: decayed('spendFen'),
    orders: decayed('orders'),
    nearShare: share(longest('nearOrders'), longest('orders')),
    refundedShare: share(longest('refundedFen'), longest('spendFen')),
    recencyDays: hasOrders ? (atMs - profile.lastOrderMs) / DAY_MS : Number.POSITIVE_INFINITY,
    tenureDays: hasOrders ? (atMs - profile.firstOrderMs) / DAY_MS : 0,
  };
};

/** Packs a profile: at most 26 bytes, 48 a series that is not all zero and 10 a remembered event: at most 538. */
export const encodeProfile = (profile: Profile): Uint8Array => {
  const count = HALF_LIVES_DAYS.length;
  const present = SERIES.map((_, index) =>
    profile.sums.subarray(index * count, (index + 1) * count).some((sum) => sum !== 0),
  );
  const writer = new ByteWriter();
  writer.uint(FORMAT_VERSION);
  writer.uint(present.reduce((bits, isPresent, index) => bits | (isPresent ? 1 << index : 0), 0));
  writer.uint(profile.newestMs);
  writer.uint(profile.firstOrderMs);
  writer.uint(profile.lastOrderMs);
  const doubles = Buffer.alloc(DOUBLE_BYTES * count);
  for (const [index, isPresent] of present.entries()) {
    if (!isPresent) continue;
    for (let i = 0; i < count; i++) doubles.writeDoubleLE(profile.sums[index * count + i]!, i * DOUBLE_BYTES);
    writer.raw(doubles);
  }
  writer.raw(profile.recent);
  return writer.bytes();
};

const decodeVersion1 = (reader: ByteReader): Profile => {
  const count = HALF_LIVES_DAYS.length;
  const present = reader.uint();
  const profile: Profile = {
    ...emptyProfile(),
    newestMs: reader.uint(),
    firstOrderMs: reader.uint(),
    lastOrderMs: reader.uint(),
  };
  for (let index = 0; index < SERIES.length; index++) {
    if ((present & (1 << index)) === 0) continue;
    const doubles = Buffer.from(reader.raw(DOUBLE_BYTES * count));
    for (let i = 0; i < count; i++) profile.sums[index * count + i] = doubles.readDoubleLE(i * DOUBLE_BYTES);
  }
  profile.recent = Uint8Array.from(reader.rest());
  return profile;
};

const READERS = { [FORMAT_VERSION]: decodeVersion1 };

/** Reads a packed profile; no bytes are a member without one. Throws RangeError for a format that is not known. */
export const decodeProfile = (bytes: Uint8Array): Profile => {
  if (bytes.length === 0) return emptyProfile();
  const reader = new ByteReader(bytes);
  return readerOf('profile', READERS, reader.uint())(reader);
};
