/** The last pass of a presale, which issues the coupons of the plan. */
import { requireLayout } from '#domain/campaigns/campaigns-table.ts';
import { budgetOf } from '#domain/campaigns/layout.ts';
import { readOrdersClock } from '#domain/campaigns/reached.ts';
import { takenByAliases } from '#domain/coupons/alias-coupons.ts';
import { exampleOf } from '#domain/coupons/examples.ts';
import { sendExamples } from '#domain/coupons/send-examples.ts';
import { type ClaimOutcome, carryOut } from '#domain/grants/claims.ts';
import { type Grant, isWorthGiving, type StoredGrant } from '#domain/grants/grant.ts';
import { issuedMetric, sendGrants, sendMetrics } from '#domain/grants/grant-events.ts';
import { readGrant, refuseGrant } from '#domain/grants/grant-statements.ts';
import { workThrough } from '#domain/grants/rounds.ts';
import { isErasedName, type Member, scanMembers } from '#domain/members/members-table.ts';
import { erasedNames } from '#domain/members/tombstones.ts';
import { PRESALE_SPREAD_MS } from '#domain/metrics/shards.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { chunks } from '#platform/collections.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import { shardOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { evaluateForPresale, type Presale } from './evaluate-for-presale.ts';
import { type PresalePlan, presaleGrant } from './presale-plan.ts';
import { type PresaleSegment, progressKey } from './segment.ts';

/** The members in a page. A round then holds fewer than 900 grants, about 100 KB deflated, and an item holds 400 KB. */
const MEMBERS_PER_PAGE = 500;
const GRANTS_PER_ROUND = 400;
/** Grants that share a transaction with one debit; see `carryOut`. */
const GRANTS_PER_TRANSACTION = 99;

/** The campaign is paused or closed: the round that was begun is repeated if the campaign is resumed. */
class PausedRound extends Error {
  override name = 'PausedRound';
}

/**
 * Issues what the plan gives the members of a segment, until the segment's end or the deadline, in ms since the epoch, or until
 * the campaign is found to be paused or closed.
 */
export const issueSegment = async (
  runtime: Runtime,
  segment: PresaleSegment,
  plan: PresalePlan,
  deadlineMs: number,
): Promise<'done' | 'late' | 'paused'> => {
  try {
    return await issueRounds(runtime, segment, plan, deadlineMs);
  } catch (error) {
    if (error instanceof PausedRound) return 'paused';
    throw error;
  }
};

const issueRounds = async (
  runtime: Runtime,
  { presale, settings, segment }: PresaleSegment,
  plan: PresalePlan,
  deadlineMs: number,
): Promise<'done' | 'late'> =>
  workThrough<Grant>(
    runtime,
    await progressKey(runtime, segment, 'issue'),
    {
      tasksPerRound: GRANTS_PER_ROUND,
      async read(cursor) {
        const page = await scanMembers(
          runtime,
          segment,
          cursor === undefined ? undefined : { member: cursor },
          MEMBERS_PER_PAGE,
        );
        const tasks = page.members.map((member) => {
          const candidate = evaluateForPresale(presale, member);
          const grant = candidate && presaleGrant(presale, plan, candidate);
          return grant === undefined ? [] : { grant, member };
        });
        return { tasks: await withinLimit(runtime, presale, tasks.flat()), cursor: page.cursor?.member };
      },
      carryOut: (grants) => issue(runtime, presale, settings, grants),
    },
    deadlineMs,
  );

/** The grants to members whose aliases have not used up the limit of coupons per member. */
const withinLimit = async (
  runtime: Runtime,
  presale: Presale,
  given: readonly { grant: Grant; member: Member }[],
): Promise<Grant[]> => {
  const grants: Grant[] = [];
  for (const { grant, member } of given) {
    const taken = await takenByAliases(runtime, presale, member.aliases ?? []);
    if (taken < presale.coupons.perMemberLimit) grants.push(grant);
  }
  return grants;
};

/**
 * Makes grants and publishes them, also those made before: the worker that made them may have crashed before publishing. A
 * round may come from the dead letters days later: grants that have expired by the orders' own clock (`readOrdersClock`), or will
 * within a minute, are no longer given. If the campaign is paused or closed, throws a `PausedRound` after publishing.
 */
const issue = async (
  runtime: Runtime,
  { campaignId, coupons, traceparent }: Presale,
  settings: CampaignSettings,
  grants: readonly Grant[],
): Promise<void> => {
  const first = grants[0];
  if (first === undefined) return;
  const reachedMs = await readOrdersClock(runtime, runtime.clock.nowMs());
  const names = await erasedNames(
    runtime,
    grants.map(({ member }) => member),
  );
  const isGone = ({ member }: Grant): boolean => isErasedName(member) || names.has(member);
  const ofKnown = grants.filter((grant) => !isGone(grant));
  const expired = ofKnown.filter(({ expiresMs }) => !isWorthGiving(expiresMs, reachedMs));
  const valid = ofKnown.filter(({ expiresMs }) => isWorthGiving(expiresMs, reachedMs));
  const layout = await requireLayout(runtime, campaignId);
  const batches = [...Map.groupBy(valid, ({ budget }) => budget)].flatMap(([key, ofBudget]) => {
    const budget = budgetOf(layout, key);
    return chunks(ofBudget, GRANTS_PER_TRANSACTION).map((chunk) =>
      chunk.map((grant) => ({ debits: [{ grant, budget }] })),
    );
  });
  const made = await madeBeforeErasure(runtime, grants.filter(isGone), names);
  for (const grant of await mapLimited(expired, CALLS_AT_ONCE, (one) => refusedUnlessMade(runtime, one)))
    if (grant !== undefined) made.push(grant);
  let isHalted = false;
  const outcomes = await mapLimited(batches, CALLS_AT_ONCE, (claims) => carryOut(runtime, claims));
  for (const [i, ofBatch] of outcomes.entries()) {
    for (const [j, outcome] of ofBatch.entries()) {
      const grant = await madeBy(runtime, outcome, batches[i]![j]!.debits[0]!.grant);
      if (grant !== undefined) made.push(grant);
      else if (outcome.kind === 'refused' && outcome.reason !== 'budget-empty') isHalted = true;
    }
  }
  const spreadMs = Math.min(PRESALE_SPREAD_MS, settings.endsAtMs - settings.startsAtMs);
  const timeMs = settings.startsAtMs + shardOf(issuedMetric(first).id, spreadMs);
  await sendGrants(
    runtime,
    made,
    new Map(traceparent === undefined ? [] : made.map(({ trigger }) => [trigger, traceparent])),
  );
  await sendExamples(
    runtime,
    made.flatMap((grant) => exampleOf('issued', grant, { settings, coupons })),
  );
  await sendMetrics(
    runtime,
    made.map((grant) => ({ settings, event: { ...issuedMetric(grant), timeMs } })),
    runtime.clock.nowMs(),
  );
  if (isHalted) throw new PausedRound(`campaign ${campaignId}: paused or closed`);
};

/**
 * The grants of erased members that were made earlier, under the names that replace the members' ids (`tombstones.ts`). No other
 * grant is made for these members. None is refused either: only a worker that began before the erasure may still make one, and it
 * publishes what it makes.
 */
const madeBeforeErasure = async (
  runtime: Runtime,
  grants: readonly Grant[],
  names: ReadonlyMap<string, string>,
): Promise<Grant[]> => {
  const found = await mapLimited(grants, CALLS_AT_ONCE, async (grant) => {
    const name = names.get(grant.member) ?? grant.member;
    const stored =
      (await readGrant(runtime, grant)) ?? (await readGrant(runtime, { ...grant, member: name }));
    const stands = standing(grant, stored);
    return stands && { ...stands, member: name };
  });
  return found.filter((grant) => grant !== undefined);
};

/** The grant found in the slot of a presale's grant, if it is that grant and was not refused; else undefined. */
const standing = ({ trigger }: Grant, found: StoredGrant | undefined): Grant | undefined =>
  found?.trigger === trigger && found.state !== 'refused' ? found : undefined;

/**
 * Refuses a grant for good, unless it was made before: then returns it. The round is over after this, so a slow worker must not
 * make the grant later, for example when some money has come back: nobody would publish it if that worker crashed.
 */
const refusedUnlessMade = async (runtime: Runtime, grant: Grant): Promise<Grant | undefined> =>
  standing(grant, await refuseGrant(runtime, grant));

/**
 * The presale's grant that exists now, whoever made it; undefined if there is none. A budget may refuse a grant just because that
 * grant was made before and took the last money.
 */
const madeBy = async (runtime: Runtime, outcome: ClaimOutcome, grant: Grant): Promise<Grant | undefined> => {
  switch (outcome.kind) {
    case 'done':
      return grant;
    case 'known':
      return standing(grant, outcome.grant);
    case 'refused':
      return outcome.reason === 'budget-empty'
        ? refusedUnlessMade(runtime, grant)
        : standing(grant, await readGrant(runtime, grant));
    case 'stale':
      throw new Error('claim that changes no member and no grant: expected any outcome but stale, got stale');
    default:
      return outcome satisfies never;
  }
};
