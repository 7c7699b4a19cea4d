import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { DAY_MS, SECOND_MS } from '#platform/duration.ts';
import { entryAt, readerOf } from '#platform/format.ts';

/**
 * What is remembered of a member's orders, in constant size and in constant time for each change: exponentially decayed sums
 * at several half-lives (Cormode, Shkapenyuk, Srivastava, Xu, Forward Decay, ICDE 2009, section II), and the latest events, so
 * that none counts twice.
 *
 * Each sum is Σ aᵢ · 2^((tᵢ - t) / half-life), where t is the newest event's time. A late event enters decayed by its own age,
 * so the sums do not depend on the order of arrival, except for rounding. Every term is positive. Each of n steps adds an error
 * of at most 2^-52 of the sum, and each half-life that passes adds as much through the exponent. So the sums of the
 * same n events over k half-lives, in two orders of arrival, differ by less than (n + k) · 2^-51 of the sum.
 */
export const HALF_LIVES_DAYS = [1, 7, 30, 180, 730, 3_650] as const;

/** What is summed, in this order: fen paid, orders paid, near orders paid, fen refunded. */
const SERIES = ['spendFen', 'orders', 'nearOrders', 'refundedFen'] as const;
type Series = (typeof SERIES)[number];

/**
 * How many of the latest events are remembered by their ids, at most. If many campaigns decided on each, there are fewer, because
 * the memory is bounded in bytes too. A forgotten event cannot be told from a new one: see {@link mayHaveBeenEvicted}.
 */
export const REMEMBERED_EVENTS = 32;
/** In bytes, of all remembered events, without the list of their campaigns: 32 events of one campaign, 25 of four. */
const MAX_RECENT_BYTES = 356;

const FORMAT_VERSION = 2;
const DOUBLE_BYTES = 8;
/** 48 bits of an event's id: the probability that a new event is mistaken for one of 32 remembered ones is 1 in 10^13. */
const ID_BYTES = 6;
const AGE_BYTES = 3;
/** In seconds, 194 days: an older event is stored with this age, which only makes it look newer. */
const MAX_AGE_SECONDS = 2 ** (8 * AGE_BYTES) - 1;
const CAMPAIGN_BYTES = 4;
/** Codes and short counts take half a byte. */
const NIBBLE_MAX = 15;

/** What is remembered of an event. Codes, 0 to 15, are opaque here; callers define them. `campaign` is a 32-bit hash. */
export type RememberedOutcome = {
  code: number;
  ofCampaigns: readonly { campaign: number; code: number }[];
};

type RecentEvent = { id: Buffer; atSeconds: number; outcome: RememberedOutcome };

export type Profile = {
  /** The time that the sums are decayed to: that of the newest event. */
  newestMs: number;
  /** The times of the first and the newest paid order; 0 if there is none. */
  firstOrderMs: number;
  lastOrderMs: number;
  /** One series after another, a number for each half-life. */
  sums: Float64Array;
  /** The latest events to arrive, in the order of arrival. */
  recent: readonly RecentEvent[];
  /** No forgotten event is newer than this, in seconds since the epoch. */
  evictedSeconds: number;
};

/** An event as a profile sees it. `id` comes from `eventIdOf`. */
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
  recent: [],
  evictedSeconds: 0,
});

const secondsOf = (timeMs: number): number => Math.ceil(timeMs / SECOND_MS);

const idOf = (id: string): Buffer => Buffer.from(id, 'base64url').subarray(0, ID_BYTES);

/** The outcome of a remembered event; undefined for an event that is not remembered. */
export const rememberedOutcome = ({ recent }: Profile, id: string): RememberedOutcome | undefined => {
  const bytes = idOf(id);
  return recent.find((event) => bytes.equals(event.id))?.outcome;
};

/** Whether an event is, or would be, the first that was remembered of its member. False once any event was evicted. */
export const isFirstRemembered = ({ recent, evictedSeconds }: Profile, id: string): boolean =>
  evictedSeconds === 0 && (recent.length === 0 || idOf(id).equals(recent[0]!.id));

/** Whether an event that is not remembered may have been applied and then evicted. */
export const mayHaveBeenEvicted = ({ evictedSeconds }: Profile, { timeMs }: ProfileEvent): boolean =>
  secondsOf(timeMs) <= evictedSeconds;

const bytesOf = ({ ofCampaigns }: RememberedOutcome): number => ID_BYTES + AGE_BYTES + 1 + ofCampaigns.length;

/** Remembers an event. The events remembered longest are dropped to make room. */
export const remember = (
  profile: Profile,
  { id, timeMs }: Pick<ProfileEvent, 'id' | 'timeMs'>,
  outcome: RememberedOutcome,
): Profile => {
  const recent = [...profile.recent, { id: idOf(id), atSeconds: secondsOf(timeMs), outcome }];
  let bytes = recent.reduce((sum, event) => sum + bytesOf(event.outcome), 0);
  let { evictedSeconds } = profile;
  while (recent.length > 1 && (recent.length > REMEMBERED_EVENTS || bytes > MAX_RECENT_BYTES)) {
    const oldest = recent.shift()!;
    bytes -= bytesOf(oldest.outcome);
    evictedSeconds = Math.max(evictedSeconds, oldest.atSeconds);
  }
  return { ...profile, recent, evictedSeconds };
};

/** The share that is left of a sum after `ageMs`. `halfLife` is an index of {@link HALF_LIVES_DAYS}. */
export const halfLifeFactor = (halfLife: number, ageMs: number): number =>
  2 ** (-ageMs / (HALF_LIVES_DAYS[halfLife]! * DAY_MS));

const AMOUNTS: Readonly<Record<Series, (event: ProfileEvent) => number>> = {
  spendFen: ({ kind, amountFen }) => (kind === 'paid' ? amountFen : 0),
  orders: ({ kind }) => (kind === 'paid' ? 1 : 0),
  nearOrders: ({ kind, channel }) => (kind === 'paid' && channel === 'near' ? 1 : 0),
  refundedFen: ({ kind, amountFen }) => (kind === 'refunded' ? amountFen : 0),
};

/** Adds an event that the profile does not hold yet to its sums and times. */
export const observe = (profile: Profile, event: ProfileEvent): Profile => {
  const newestMs = Math.max(profile.newestMs, event.timeMs);
  const count = HALF_LIVES_DAYS.length;
  const sums = new Float64Array(profile.sums.length);
  for (let halfLife = 0; halfLife < count; halfLife++) {
    const kept = halfLifeFactor(halfLife, newestMs - profile.newestMs);
    const added = halfLifeFactor(halfLife, newestMs - event.timeMs);
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
    evictedSeconds: profile.evictedSeconds,
  };
};

/** What the model knows of a member. */
export type Features = {
  /** Decayed sums, a number for each of {@link HALF_LIVES_DAYS}. */
  spendFen: number[];
  orders: number[];
  /** The shares of near orders and of fen refunded, over the longest half-life; 0 to 1. */
  nearShare: number;
  refundedShare: number;
  /** Days since the newest order, and since the first; Infinity and 0 for a member without any. */
  recencyDays: number;
  tenureDays: number;
};

/** A member's features at a time. A time before the profile's newest event is replaced by that event's time. */
export const featuresOf = (profile: Profile, nowMs: number): Features => {
  const count = HALF_LIVES_DAYS.length;
  const atMs = Math.max(nowMs, profile.newestMs);
  const decayed = (series: Series): number[] =>
    HALF_LIVES_DAYS.map(
      (_, halfLife) =>
        profile.sums[SERIES.indexOf(series) * count + halfLife]! *
        halfLifeFactor(halfLife, atMs - profile.newestMs),
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

const encodeRecent = (writer: ByteWriter, { recent, evictedSeconds, newestMs }: Profile): void => {
  const newest = secondsOf(newestMs);
  const campaigns = [
    ...new Set(recent.flatMap(({ outcome }) => outcome.ofCampaigns.map(({ campaign }) => campaign))),
  ];
  writer.uint(evictedSeconds);
  writer.uint(campaigns.length);
  const word = Buffer.alloc(CAMPAIGN_BYTES);
  for (const campaign of campaigns) {
    word.writeUInt32LE(campaign);
    writer.raw(Uint8Array.from(word));
  }
  const age = Buffer.alloc(AGE_BYTES);
  const withNibble = (low: number, high: number): void => {
    writer.raw(Uint8Array.of(low | (Math.min(high, NIBBLE_MAX) << 4)));
    if (high >= NIBBLE_MAX) writer.uint(high);
  };
  for (const { id, atSeconds, outcome } of recent) {
    writer.raw(id);
    age.writeUIntLE(Math.min(MAX_AGE_SECONDS, Math.max(0, newest - atSeconds)), 0, AGE_BYTES);
    writer.raw(Uint8Array.from(age));
    withNibble(outcome.code, outcome.ofCampaigns.length);
    for (const { campaign, code } of outcome.ofCampaigns) withNibble(code, campaigns.indexOf(campaign));
  }
};

const decodeRecent = (reader: ByteReader, newestMs: number): Pick<Profile, 'recent' | 'evictedSeconds'> => {
  const newest = secondsOf(newestMs);
  const evictedSeconds = reader.uint();
  const campaigns = Array.from({ length: reader.count() }, () =>
    Buffer.from(reader.raw(CAMPAIGN_BYTES)).readUInt32LE(0),
  );
  const nibbles = (): [low: number, high: number] => {
    const byte = reader.raw(1)[0]!;
    const high = byte >> 4;
    return [byte & NIBBLE_MAX, high === NIBBLE_MAX ? reader.uint() : high];
  };
  const recent: RecentEvent[] = [];
  while (!reader.isAtEnd()) {
    const id = Buffer.from(reader.raw(ID_BYTES));
    const atSeconds = newest - Buffer.from(reader.raw(AGE_BYTES)).readUIntLE(0, AGE_BYTES);
    const [code, count] = nibbles();
    const ofCampaigns = Array.from({ length: reader.holding(count) }, () => {
      const [decision, index] = nibbles();
      return { campaign: entryAt(campaigns, index, 'campaign of an event'), code: decision };
    });
    recent.push({ id, atSeconds, outcome: { code, ofCampaigns } });
  }
  return { recent, evictedSeconds };
};

/**
 * Packs a profile into less than 600 bytes if its remembered events name at most three campaigns: at most 27 before the sums,
 * 48 for each series that is not all zero, and at most 375 for remembered events. Each further campaign takes 4 bytes more.
 */
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
  encodeRecent(writer, profile);
  return writer.bytes();
};

const decodeSums = (reader: ByteReader): Profile => {
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
    for (let i = 0; i < count; i++) profile.sums[index * count + i] = reader.float(DOUBLE_BYTES);
  }
  return profile;
};

const V1_ID_BYTES = 8;
const V1_CODE_BITS = 4;
const V1_DECISION_BITS = 3;
const V1_DECISIONS = 4;
const V1_GIVEN = 1;
/** Stands for all campaigns of an outcome in version 1, which did not name them. No campaign has this hash, except by chance. */
const V1_CAMPAIGN = 0;

/** Version 1 remembered an event by 8 bytes of its id and 16 bits: a code, and then a code for each campaign by its place. */
const decodeVersion1 = (reader: ByteReader): Profile => {
  const profile = decodeSums(reader);
  const newest = secondsOf(profile.newestMs);
  const recent: RecentEvent[] = [];
  while (!reader.isAtEnd()) {
    const id = Buffer.from(reader.raw(V1_ID_BYTES)).subarray(0, ID_BYTES);
    const bits = Buffer.from(reader.raw(2)).readUInt16LE(0);
    const places = Array.from(
      { length: V1_DECISIONS },
      (_, place) => (bits >> (V1_CODE_BITS + place * V1_DECISION_BITS)) & (2 ** V1_DECISION_BITS - 1),
    );
    const ofCampaigns = places.includes(V1_GIVEN) ? [{ campaign: V1_CAMPAIGN, code: V1_GIVEN }] : [];
    recent.push({ id, atSeconds: newest, outcome: { code: bits & NIBBLE_MAX, ofCampaigns } });
  }
  return { ...profile, recent, evictedSeconds: recent.length >= REMEMBERED_EVENTS ? newest : 0 };
};

const decodeVersion2 = (reader: ByteReader): Profile => {
  const profile = decodeSums(reader);
  return { ...profile, ...decodeRecent(reader, profile.newestMs) };
};

const READERS = { 1: decodeVersion1, [FORMAT_VERSION]: decodeVersion2 };

/** Reads a packed profile. Empty bytes are the profile of a member without orders. Throws RangeError for an unknown format. */
export const decodeProfile = (bytes: Uint8Array): Profile => {
  if (bytes.length === 0) return emptyProfile();
  const reader = new ByteReader(bytes);
  return readerOf('profile', READERS, reader.uint())(reader);
};
