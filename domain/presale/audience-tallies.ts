/** What the first pass of a presale counts of its audience, and the stored form of these counts. */
import { type Candidates, candidatesOfMember } from '#domain/allocation/candidates.ts';
import { NONE } from '#domain/allocation/choose.ts';
import { Histogram, PLAN_BITS } from '#domain/allocation/histogram.ts';
import { Sample } from '#domain/allocation/sample.ts';
import { TieCells } from '#domain/allocation/tie-cells.ts';
import { type Arm, type SpendingArm, spendingArms } from '#domain/campaigns/arms.ts';
import type { Option } from '#domain/coupons/evaluate.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { deflate, inflate } from '#platform/compression.ts';
import type { Presale, PresaleCandidate } from './evaluate-for-presale.ts';
import type { ExpectedOrder } from './expected-order.ts';
import { presaleChoice } from './presale-choice.ts';

/** How many offers the samples keep. Each offer takes about 9 bytes, including its share of its member's bytes. */
export type SampleLimits = { membersOffers: number; ordersOffers: number };

/**
 * The limits of one segment, whose tallies must fit in an item of 400 KB. All segments together keep at most about a million
 * offers, as the audience's sample does. So a plan of a thousand segments reads no more than a plan of 32.
 */
export const limitsOfSegment = (segments: number): SampleLimits => ({
  membersOffers: Math.floor((1 << 20) / Math.max(segments, FEWEST_OF_LIMITED)),
  ordersOffers: Math.floor((1 << 17) / Math.max(segments, FEWEST_OF_LIMITED)),
});
/** With fewer segments, each keeps as many offers as with this many: its samples then have about 330 KB before compression. */
const FEWEST_OF_LIMITED = 32;
/** Limits of a whole audience. */
const AUDIENCE_LIMITS: SampleLimits = { membersOffers: 1 << 20, ordersOffers: 1 << 17 };

const ARMS: readonly Arm[] = ['engine', 'baseline', 'control'];

/**
 * What is counted of an arm's members: one budget needs a histogram and the cells of its ties, several need a sample. `randomFen` is
 * what random choices cost: they do not depend on a price, so the members who get them are not in the histogram.
 */
export type ArmTally =
  | { kind: 'histogram'; histogram: Histogram; ties: TieCells; randomFen: number }
  | { kind: 'sample'; sample: Sample };

/** The counts of an audience, or of a part of it. */
export type AudienceTallies = {
  /** What its members could be given. */
  arms: Map<SpendingArm, ArmTally>;
  /** What members of the engine's arm who are expected to order could be given. */
  orders: Sample;
  /** The number of members for whom the model was asked, and the number for whose expected orders it was asked. */
  asked: number;
  askedOfOrders: number;
  /** Members known before the sale, by arm. */
  assigned: Record<Arm, number>;
};

const emptyTally = (coupons: Coupons, arm: SpendingArm, sampleOffers: number): ArmTally =>
  arm === 'engine' && coupons.budgets.length > 1
    ? { kind: 'sample', sample: new Sample(sampleOffers) }
    : { kind: 'histogram', histogram: new Histogram(PLAN_BITS), ties: new TieCells(), randomFen: 0 };

export const emptyTallies = (coupons: Coupons, limits: SampleLimits): AudienceTallies => ({
  arms: new Map(spendingArms(coupons).map((arm) => [arm, emptyTally(coupons, arm, limits.membersOffers)])),
  orders: new Sample(limits.ordersOffers),
  asked: 0,
  askedOfOrders: 0,
  assigned: { engine: 0, baseline: 0, control: 0 },
});

/** What one member could be given, as the planner's candidates. */
export const candidatesOf = ({
  hash,
  options,
}: {
  hash: number;
  options: readonly Pick<Option, 'value' | 'costFen' | 'pool'>[];
}): Candidates => candidatesOfMember(hash, options);

/** Counts what a member could be given, or is given by chance. */
export const count = (tallies: AudienceTallies, presale: Presale, candidate: PresaleCandidate): void => {
  const tally = tallies.arms.get(candidate.arm)!;
  if (tally.kind === 'sample') {
    tally.sample.add(candidatesOf(candidate));
    return;
  }
  const random = presaleChoice(presale, candidate, NONE);
  if (!random.isExplored) tally.histogram.add(candidatesOf(candidate), tally.ties);
  else if (random.chosen !== NONE) tally.randomFen += candidate.options[random.chosen]!.costFen;
};

/** Counts what could be given after an expected order. */
export const countOrder = (tallies: AudienceTallies, order: ExpectedOrder): void =>
  tallies.orders.add(candidatesOf(order));

/** The tallies of a whole audience, from those of its segments. */
export const mergeTallies = (coupons: Coupons, parts: readonly AudienceTallies[]): AudienceTallies => {
  const whole = emptyTallies(coupons, AUDIENCE_LIMITS);
  for (const part of parts) {
    for (const [arm, tally] of part.arms) {
      const into = whole.arms.get(arm)!;
      if (into.kind === 'histogram' && tally.kind === 'histogram') {
        into.histogram.merge(tally.histogram);
        into.ties.merge(tally.ties);
        into.randomFen += tally.randomFen;
      } else if (into.kind === 'sample' && tally.kind === 'sample') into.sample.merge(tally.sample);
    }
    whole.orders.merge(part.orders);
    whole.asked += part.asked;
    whole.askedOfOrders += part.askedOfOrders;
    for (const arm of ARMS) whole.assigned[arm] += part.assigned[arm];
  }
  return whole;
};

export const encodeTallies = ({
  arms,
  orders,
  asked,
  askedOfOrders,
  assigned,
}: AudienceTallies): Uint8Array => {
  const writer = new ByteWriter();
  for (const number of [asked, askedOfOrders, ...ARMS.map((arm) => assigned[arm])]) writer.uint(number);
  const samples = [...arms.values()].map((tally) =>
    tally.kind === 'histogram' ? tally.histogram.encode() : tally.sample.encode(),
  );
  for (const bytes of [orders.encode(), ...samples]) {
    writer.uint(bytes.length);
    writer.raw(bytes);
  }
  for (const tally of arms.values())
    if (tally.kind === 'histogram') tally.ties.encode(writer, tally.histogram);
  for (const tally of arms.values()) if (tally.kind === 'histogram') writer.uint(tally.randomFen);
  return deflate(writer.bytes());
};

/** Reads back what {@link encodeTallies} wrote for the same campaign and the same number of segments. */
export const decodeTallies = (coupons: Coupons, bytes: Uint8Array, limits: SampleLimits): AudienceTallies => {
  const reader = new ByteReader(inflate(bytes));
  const tallies = emptyTallies(coupons, limits);
  tallies.asked = reader.uint();
  tallies.askedOfOrders = reader.uint();
  for (const arm of ARMS) tallies.assigned[arm] = reader.uint();
  tallies.orders = Sample.decode(reader.raw(reader.uint()), limits.ordersOffers);
  for (const [arm, { kind }] of tallies.arms) {
    const part = reader.raw(reader.uint());
    tallies.arms.set(
      arm,
      kind === 'histogram'
        ? { kind, histogram: Histogram.decode(part), ties: new TieCells(), randomFen: 0 }
        : { kind, sample: Sample.decode(part, limits.membersOffers) },
    );
  }
  // The first version wrote nothing here, the second only the ties.
  const histograms = [...tallies.arms.values()].filter((tally) => tally.kind === 'histogram');
  if (!reader.isAtEnd()) for (const tally of histograms) tally.ties = TieCells.decode(reader);
  if (!reader.isAtEnd()) for (const tally of histograms) tally.randomFen = reader.uint();
  return tallies;
};
