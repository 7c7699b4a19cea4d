import { budgetOf } from '#domain/campaigns/campaign-budgets.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { issuedMetric, sendGrants, sendMetrics } from '#domain/grants/grant-events.ts';
import { type ClaimOutcome, carryOut, readGrant } from '#domain/grants/grants-table.ts';
import { workThrough } from '#domain/grants/rounds.ts';
import { scanMembers } from '#domain/members/members-table.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { chunks } from '#platform/collections.ts';
import { shardOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { consider, type Presale } from './consider.ts';
import { type PresalePlan, presaleGrant } from './presale-plan.ts';
import { progressKey, type Segment } from './segment.ts';

/** Members a page: a round then holds less than 900 grants, some 100 KB deflated, of the 400 KB that an item holds. */
const MEMBERS_PER_PAGE = 500;
const GRANTS_PER_ROUND = 400;
/** Grants that share a transaction with one debit; see `carryOut`. */
const GRANTS_PER_TRANSACTION = 99;
const TRANSACTIONS_AT_ONCE = 8;
/**
 * The metrics take what a presale issues as spread over so much of the sale's beginning, a round at one moment: in the
 * first window alone, millions of events would be more than one rollup reads.
 */
const METRICS_SPREAD_MS = 3_600_000;

/** Issues what the plan has for the members of a segment, until its end or the deadline. */
export const issueSegment = (
  runtime: Runtime,
  presale: Presale,
  settings: CampaignSettings,
  plan: PresalePlan,
  segment: Segment,
  deadlineMs: number,
): Promise<'done' | 'paused'> =>
  workThrough<Grant>(
    runtime,
    progressKey(segment, 'issue'),
    {
      tasksPerRound: GRANTS_PER_ROUND,
      async read(cursor) {
        const page = await scanMembers(
          runtime,
          segment,
          cursor === undefined ? undefined : { member: cursor },
          MEMBERS_PER_PAGE,
        );
        const tasks = page.members.flatMap((member) => {
          const considered = consider(presale, member);
          return (considered && presaleGrant(presale, plan, considered)) ?? [];
        });
        return { tasks, cursor: page.cursor?.member };
      },
      carryOut: (grants) => issue(runtime, presale, settings, grants),
    },
    deadlineMs,
  );

/** Makes grants and tells of them, also of those that were made before: whoever made them may have died before telling. */
const issue = async (
  runtime: Runtime,
  { campaignId, coupons }: Presale,
  settings: CampaignSettings,
  grants: readonly Grant[],
): Promise<void> => {
  const first = grants[0];
  if (first === undefined) return;
  const batches = [...Map.groupBy(grants, ({ budget }) => budget)].flatMap(([key, ofBudget]) => {
    const budget = budgetOf(campaignId, coupons, key);
    return chunks(ofBudget, GRANTS_PER_TRANSACTION).map((chunk) =>
      chunk.map((grant) => ({ draws: [{ grant, budget }] })),
    );
  });
  const made: Grant[] = [];
  for (const some of chunks(batches, TRANSACTIONS_AT_ONCE)) {
    const outcomes = await Promise.all(some.map((claims) => carryOut(runtime, claims)));
    for (const [i, ofBatch] of outcomes.entries()) {
      for (const [j, outcome] of ofBatch.entries()) {
        const grant = await madeBy(runtime, outcome, some[i]![j]!.draws[0]!.grant);
        if (grant !== undefined) made.push(grant);
      }
    }
  }
  const spreadMs = Math.min(METRICS_SPREAD_MS, settings.endsAtMs - settings.startsAtMs);
  const timeMs = settings.startsAtMs + shardOf(issuedMetric(first).id, spreadMs);
  await sendGrants(runtime, made);
  await sendMetrics(
    runtime,
    made.map((grant) => ({ settings, event: { ...issuedMetric(grant), timeMs } })),
    runtime.clock.nowMs(),
  );
};

/**
 * The presale's grant that stands now, whoever made it. A budget that refuses a grant may be empty for the very reason that
 * the grant was made before and never told of, so a refusal is looked into.
 */
const madeBy = async (runtime: Runtime, outcome: ClaimOutcome, grant: Grant): Promise<Grant | undefined> => {
  const { trigger } = grant;
  const standing = (found: Grant | undefined): Grant | undefined =>
    found?.trigger === trigger ? found : undefined;
  switch (outcome.kind) {
    case 'done':
      return grant;
    case 'known':
      return standing(outcome.grant);
    case 'refused':
      return standing(await readGrant(runtime, grant));
    case 'stale':
      throw new Error(`grant ${grant.id}: a claim without a member or a change cannot be stale`);
    default:
      return outcome satisfies never;
  }
};
