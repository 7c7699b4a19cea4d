import { bySeeds, byTest, byWorkload, type Defect, defect } from './defect.ts';

/** Defects in the code that gives out money and takes it back. */
export const MONEY: readonly Defect[] = [
  defect(
    'overdrawn-shard',
    [
      'domain/campaigns/budget-items.ts',
      "'remaining >= :amount AND",
      "'(remaining >= :amount OR attribute_exists(remaining)) AND",
    ],
    'a shard is debited below zero',
    bySeeds(40, 'budget'),
  ),
  defect(
    'alias-has-a-limit-of-its-own',
    ['domain/coupons/apply-order.ts', 'slot + takenByAliases <', 'slot <'],
    "a member's coupons are counted without those of its aliases",
    byTest(
      'tests/coupons/linked.unit.test.ts',
      'no alias orders in a seeded sale, and the oracle counts the coupons of each id by itself',
    ),
  ),
  defect(
    'failure-names-its-member',
    [
      'domain/coupons/process-member-events.ts',
      'failures.set(event.member, cause);',
      "failures.set(event.member, new Error('not written: ' + event.member, { cause }));",
    ],
    'the log of a failed write names the member',
    bySeeds(12, 'logged-ids'),
  ),
  defect(
    'erased-member-revived',
    [
      'domain/members/tombstones.ts',
      'if (absent.length === 0) return members;',
      'if (absent.length >= 0) return members;',
    ],
    'a member that was erased is remembered again by its next order',
    bySeeds(30, 'erased', 'erased-ids'),
  ),
  defect(
    'erased-id-in-a-profile',
    ['domain/erasure/erase-ids.ts', '.filter(({ isErased }) => isErased)', '.filter(() => false)'],
    'an erasure does not delete what is remembered of the member',
    bySeeds(30, 'erased', 'erased-ids'),
  ),
  defect(
    'refused-link-lost',
    [
      'lambdas/coupon/handler.ts',
      'await sendRejects(runtime, refusedLinks.map(linkReject));',
      'await sendRejects(runtime, refusedLinks.slice(0, 0).map(linkReject));',
    ],
    'a link that contradicts another one is dropped without a word',
    bySeeds(5, 'links'),
  ),
  defect(
    'paused-shard-debited',
    [
      'domain/campaigns/budget-items.ts',
      'attribute_not_exists(paused) AND attribute_not_exists(closed) AND attribute_not_exists(capped)',
      'attribute_not_exists(closed) AND attribute_not_exists(capped)',
    ],
    'a paused campaign still gives coupons',
    bySeeds(80, 'paused'),
  ),
  defect(
    'capped-shard-debited',
    ['domain/campaigns/budget-items.ts', ' AND attribute_not_exists(capped)', ''],
    'a pool gives coupons while its ceiling is being applied',
    bySeeds(80, 'ceilings'),
  ),
  defect(
    'ceiling-ignores-what-was-given',
    [
      'domain/campaigns/ceiling.ts',
      'mayGiveFen - (totalFen - sumOf(leftFen));',
      'Math.min(totalFen, mayGiveFen, sumOf(leftFen));',
    ],
    'a pool gives as much as its ceiling allows after the ceiling is set, whatever it gave before',
    bySeeds(50, 'ceilings'),
  ),
  defect(
    'grant-overwritten',
    [
      'domain/grants/grant-statements.ts',
      "ConditionExpression: 'attribute_not_exists(#member)'",
      "ConditionExpression: 'attribute_not_exists(#member) OR attribute_exists(#member)'",
    ],
    'a new grant replaces another one',
    bySeeds(50, 'one-debit', 'budget', 'versions'),
  ),
  defect(
    'changes-at-least',
    ['domain/grants/grant-statements.ts', "'#changes = :known'", "'#changes >= :known'"],
    'a grant is changed that was changed since it was read',
    byTest(
      'tests/grants/guards.unit.test.ts',
      "the member's version refuses the same writes, except those of a sweep, and no use comes to a settled coupon",
    ),
  ),
  defect(
    'lost-answer-is-done',
    ['platform/transaction.ts', "return { kind: 'unknown', cause: error };", "return { kind: 'done' };"],
    'a transaction whose answer was lost counts as done',
    bySeeds(20, 'outbox'),
  ),
  defect(
    'member-version-at-least',
    [
      'domain/members/members-table.ts',
      "ConditionExpression: '#body.#version = :version'",
      "ConditionExpression: '#body.#version >= :version'",
    ],
    'a worker overwrites what another one wrote of a member',
    bySeeds(30, 'versions'),
  ),
  defect(
    'empty-view-never-ages',
    [
      'domain/grants/claims.ts',
      'const isFresh = runtime.clock.nowMs() - readMs <= EMPTY_MAX_AGE_MS;',
      'const isFresh = Number.isFinite(readMs);',
    ],
    'a budget that was once read as empty is refused though money came back',
    byTest(
      'tests/grants/views.unit.test.ts',
      'money comes back two hours after it was given, and then the sale of a seed is over',
    ),
  ),
  defect(
    'view-always-fresh',
    [
      'domain/grants/claims.ts',
      'viewOf(runtime, budget).readMs > VIEW_MAX_AGE_MS',
      'viewOf(runtime, budget).readMs > Number.MAX_VALUE',
    ],
    'shards that turn out to be short are not read again',
    byTest('tests/grants/views.unit.test.ts', 'it only costs attempts: each that fails corrects one shard'),
  ),
  defect(
    'fullest-not-first',
    [
      'domain/campaigns/budget.ts',
      '[...remainders.keys()].sort((a, b) => remainders[b]! - remainders[a]!)',
      '[...remainders.keys()]',
    ],
    'an amount is taken from more shards than it needs',
    bySeeds(20, 'few-debits'),
  ),
  defect(
    'slot-of-used-coupon',
    ['domain/coupons/apply-order.ts', '.map(({ grant }) => Number(grant.slot) + 1),', '.map(() => 0),'],
    'an order is given the slot of the coupon that it uses',
    byWorkload('money-19', [], 'drained', 'decisions', 'limits'),
  ),
  defect(
    'own-grant-passed-over',
    ['domain/coupons/write-outcomes.ts', 'if (isOwn || floor <=', 'if (floor <='],
    "an order's own coupon counts as another's",
    byTest('tests/grants/guards.unit.test.ts', 'the skipped slot is taken anyway, by the same order'),
  ),
  defect(
    'sweep-without-grace',
    [
      'domain/pacing/sweep.ts',
      'grant.expiresMs + settlementHours * HOUR_MS <= reachedMs',
      'grant.expiresMs + settlementHours * 0 <= reachedMs',
    ],
    "a coupon's money is freed while orders that were paid in time are still on their way",
    bySeeds(20, 'money-freed'),
  ),
  defect(
    'expired-after-its-end',
    ['domain/pacing/expired-grants.ts', 'expiresMs <= :now', 'expiresMs < :now'],
    'a coupon has not yet expired at the very end of its time',
    byTest(
      'tests/grants/views.unit.test.ts',
      'it matters for one millisecond, and money is freed only after the settlement, an hour or more later',
    ),
  ),
  defect(
    'sweep-without-pause',
    [
      'domain/grants/rounds.ts',
      'nowMs - (progress.doneMs ?? 0) >= pauseMs',
      'nowMs - (progress.doneMs ?? 0) >= 0',
    ],
    'a sweep follows the one before without a pause',
    bySeeds(10, 'sweep-pause'),
  ),
  defect(
    'progress-at-least',
    [
      'domain/campaigns/progress-items.ts',
      "ConditionExpression: '#version = :from'",
      "ConditionExpression: '#version >= :from'",
    ],
    'a worker overwrites the progress of another one',
    bySeeds(20, 'versions'),
  ),
  defect(
    'unpublished-grants',
    [
      'domain/coupons/prepare-write.ts',
      "const grants = all.filter(({ kind, trigger }) => kind === 'coupon' && trigger === order.id);",
      'const grants = all.slice(0, 0);',
    ],
    'a coupon whose worker died before publishing it is never published',
    bySeeds(20, 'outbox'),
  ),
  defect(
    'returned-by-a-part',
    [
      'domain/grants/coupon-account.ts',
      'use.isReturned = use.named.every(({ id }) => paidBack.has(id));',
      'use.isReturned = paidBack.size > 0;',
    ],
    'a coupon comes back for another part of its order',
    bySeeds(20, 'coupon-returns', 'coupon-uses'),
  ),
  defect(
    'older-tier-wins',
    ['domain/coupons/link-members.ts', 'tierMs > than.tierMs || ', 'tierMs !== than.tierMs || '],
    'the tier that arrives last counts, not the latest one',
    bySeeds(20, 'tiers'),
  ),
];
