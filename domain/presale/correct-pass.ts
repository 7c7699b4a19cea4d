/** The pass that counts what the draft of a plan gives, so that its prices can be corrected. */
import { poolOf } from '#domain/campaigns/budget.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import type { Runtime } from '#platform/runtime.ts';
import { countMembers, readCounts } from './count-members.ts';
import { evaluateForPresale, type Presale, type PresaleCandidate } from './evaluate-for-presale.ts';
import { type PresalePlan, presaleGrant } from './presale-plan.ts';
import { progressKey, type Segment } from './segment.ts';

/** What members of the engine's arm are given by a draft of the plan, in fen for each pool. */
export type GivenFen = Float64Array;

export const nothingGiven = ({ coupons }: Presale): GivenFen => new Float64Array(coupons.budgets.length);

/** Adds what the draft gives to a member of the engine's arm, even if it is chosen at random. */
export const addGiven = (
  given: GivenFen,
  presale: Presale,
  draft: PresalePlan,
  candidate: PresaleCandidate | undefined,
): void => {
  if (candidate?.arm !== 'engine') return;
  const grant = presaleGrant(presale, draft, candidate);
  if (grant === undefined) return;
  const pool = poolOf(grant.budget);
  given[presale.coupons.budgets.findIndex((budget) => budget.pool === pool)]! += grant.faceFen;
};

export const sumGiven = (parts: readonly GivenFen[]): number[] =>
  Array.from(parts[0]!, (_, pool) => parts.reduce((sum, part) => sum + part[pool]!, 0));

const encode = (given: GivenFen): Uint8Array => {
  const writer = new ByteWriter();
  writer.uints(given);
  return writer.bytes();
};

const decode = ({ coupons }: Presale, bytes: Uint8Array): GivenFen =>
  new ByteReader(bytes).uints(coupons.budgets.length);

/** Continues to count what the members of a segment are given by a draft, until the segment's end or the deadline. */
export const countGiven = async (
  runtime: Runtime,
  { presale, segment }: { presale: Presale; segment: Segment },
  draft: PresalePlan,
  deadlineMs: number,
): Promise<'done' | 'late'> =>
  countMembers(
    runtime,
    { segment, key: await progressKey(runtime, segment, 'correct') },
    {
      empty: () => nothingGiven(presale),
      add: (given, member) => addGiven(given, presale, draft, evaluateForPresale(presale, member)),
      encode,
      decode: (bytes) => decode(presale, bytes),
    },
    deadlineMs,
  );

/** What the members of these segments, which are all counted, are given by the draft, in fen for each pool. */
export const readGiven = async (
  runtime: Runtime,
  presale: Presale,
  segments: readonly Segment[],
): Promise<number[]> =>
  sumGiven(
    (await readCounts(runtime, presale.campaignId, segments, 'correct')).map((bytes) =>
      decode(presale, bytes),
    ),
  );
