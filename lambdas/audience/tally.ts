import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Coupons } from '#events/sections/coupons.ts';
import { type SpendingArm, spendingArms } from '#lambdas/shared/arms.ts';
import { ByteReader, ByteWriter } from '#lambdas/shared/bytes.ts';
import { CandidateList } from './candidates.ts';
import type { Considered } from './consider.ts';
import { Histogram, PLAN_BITS } from './histogram.ts';
import { Sample } from './sample.ts';

/** Offers that a segment keeps of its sample, at 9 bytes: an item of the table holds 400 KB. */
export const SEGMENT_SAMPLE_OFFERS = 1 << 15;
/** Offers that the sample of a whole audience keeps. */
const AUDIENCE_SAMPLE_OFFERS = 1 << 18;

/** What of an arm's members is counted: one budget needs a histogram, several need a sample. */
export type Tally = { kind: 'histogram'; histogram: Histogram } | { kind: 'sample'; sample: Sample };

/** What an audience, or a part of it, could be given, by arm. */
export type Tallies = Map<SpendingArm, Tally>;

const emptyTally = (coupons: Coupons, arm: SpendingArm, sampleOffers: number): Tally =>
  arm === 'engine' && coupons.budgets.length > 1
    ? { kind: 'sample', sample: new Sample(sampleOffers) }
    : { kind: 'histogram', histogram: new Histogram(PLAN_BITS) };

export const emptyTallies = (coupons: Coupons, sampleOffers = SEGMENT_SAMPLE_OFFERS): Tallies =>
  new Map(spendingArms(coupons).map((arm) => [arm, emptyTally(coupons, arm, sampleOffers)]));

/** One member at a time, so that counting makes no garbage. */
const one = new CandidateList();

/** Lays out one member as the planner's candidates; they are overwritten by the next call. */
export const candidatesOf = ({ hash, options }: Considered): CandidateList => {
  one.clear();
  one.member(hash);
  for (const { value, costFen, pool } of options) one.offer(value, costFen, pool);
  return one;
};

export const count = (tallies: Tallies, considered: Considered): void => {
  const tally = tallies.get(considered.arm)!;
  if (tally.kind === 'histogram') tally.histogram.add(candidatesOf(considered));
  else tally.sample.add(candidatesOf(considered));
};

/** The tallies of a whole audience, from those of its segments. */
export const mergeTallies = (coupons: Coupons, parts: readonly Tallies[]): Tallies => {
  const whole = emptyTallies(coupons, AUDIENCE_SAMPLE_OFFERS);
  for (const part of parts) {
    for (const [arm, tally] of part) {
      const into = whole.get(arm)!;
      if (into.kind === 'histogram' && tally.kind === 'histogram') into.histogram.merge(tally.histogram);
      else if (into.kind === 'sample' && tally.kind === 'sample') into.sample.merge(tally.sample);
    }
  }
  return whole;
};

export const encodeTallies = (tallies: Tallies): Uint8Array => {
  const writer = new ByteWriter();
  for (const tally of tallies.values()) {
    const bytes = tally.kind === 'histogram' ? tally.histogram.encode() : tally.sample.encode();
    writer.uint(bytes.length);
    writer.raw(bytes);
  }
  return deflateRawSync(writer.bytes());
};

/** Reads back what {@link encodeTallies} wrote for the same campaign. */
export const decodeTallies = (coupons: Coupons, bytes: Uint8Array): Tallies => {
  // A Buffer's slices share its memory, and the planner's decoders count on slices that are copies.
  const reader = new ByteReader(new Uint8Array(inflateRawSync(bytes)));
  const tallies = emptyTallies(coupons);
  for (const [arm, { kind }] of tallies) {
    const part = reader.raw(reader.uint());
    tallies.set(
      arm,
      kind === 'histogram'
        ? { kind, histogram: Histogram.decode(part) }
        : { kind, sample: Sample.decode(part, SEGMENT_SAMPLE_OFFERS) },
    );
  }
  return tallies;
};
