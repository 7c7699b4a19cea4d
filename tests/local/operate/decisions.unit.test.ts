import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { type DecisionInput, decide } from '#domain/coupons/decide.ts';
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import { itemOfGrant } from '#domain/grants/grant-item.ts';
import { OffPolicyEstimate } from '#domain/learning/off-policy.ts';
import { emptyProfile, featuresOf, observe } from '#domain/members/profile.ts';
import { readDecisionLine } from '#local/offpolicy/decision-line.ts';
import { type DecisionLine, decisionOf, exportDecisions, propensitiesOf } from '#local/operate/decisions.ts';
import type { Target } from '#local/operate/target.ts';
import { eventIdOf } from '#platform/hash.ts';
import { coupons, definition, offer, START_MS } from '../../coupons/factories.ts';
import { idKeyIn } from '../../support/coupon-ids.ts';
import { open } from '../../support/coupon-world.ts';
import { emulatedTables } from '../../support/emulated-tables.ts';
import { testRuntime } from '../../support/runtime.ts';

const DAY_MS = 86_400_000;
const EPSILON = 0.3;
const SECTION = coupons({
  epsilon: EPSILON,
  offers: [
    offer({ offerId: 'vip', tiers: ['88vip'] }),
    offer({ offerId: 'small', thresholdFen: 5_000, discountFen: 500 }),
    offer({ offerId: 'large', thresholdFen: 5_000, discountFen: 1_500 }),
  ],
});
const FEATURES = featuresOf(
  observe(emptyProfile(), {
    id: 'AAAAAAAAAAAAAAAA',
    timeMs: START_MS - 3 * DAY_MS,
    kind: 'paid',
    channel: 'far',
    amountFen: 10_000,
  }),
  START_MS,
);

/** The grant that a decision on an order gives to a member; undefined if it gives none. */
const decided = (number: number, changes: Partial<DecisionInput> = {}): StoredGrant | undefined => {
  const member = `m${number}`;
  const trigger = eventIdOf('/test', `order-${number}`);
  const decision = decide(
    {
      campaignId: 'sale',
      coupons: SECTION,
      sale: { startsAtMs: START_MS, endsAtMs: START_MS + DAY_MS },
      eventId: trigger,
      timeMs: START_MS,
      reachedMs: START_MS,
      member,
      tier: '',
      arm: 'engine',
      features: FEATURES,
      prices: {},
      isBelowLimit: true,
      remainders: new Map(),
      halt: undefined,
      ...changes,
    },
    PRIOR,
  );
  if (decision.kind === 'withhold') return undefined;
  const { offer: given, arm, reason } = decision;
  const about = { campaignId: 'sale', member, slot: 1, offer: given, arm, trigger, reason };
  return {
    ...couponGrant({ ...about, grantedMs: START_MS, idKey: idKeyIn('sale') }),
    state: 'live',
    changes: 0,
  };
};

const DECISIONS = 4_000;
const decisionsAt = (prices: Record<string, number>): DecisionLine[] =>
  Array.from({ length: DECISIONS }, (_, i) => decided(i, { prices })).flatMap(
    (grant) => (grant && decisionOf(grant, SECTION)) ?? [],
  );

describe('the decision in a grant', () => {
  it.each([
    ['the best is an offer', {}, 'large'],
    ['none is worth its price', { 'engine/platform': 10 }, undefined],
  ])('has the probabilities with which its offers are given, where %s', (_, prices, best) => {
    const lines = decisionsAt(prices as Record<string, number>);
    const [{ actions } = { actions: [] }] = lines;
    expect(actions.map(({ action }) => action)).toEqual(['small', 'large']);
    for (const { action, propensity, predicted } of actions) {
      const share = lines.filter(({ chosen }) => chosen === action).length / lines.length;
      expect(Math.abs(share - propensity)).toBeLessThan(
        5 * Math.sqrt((propensity * (1 - propensity)) / lines.length),
      );
      expect(propensity > 0.5).toBe(action === best);
      expect(predicted).toBeGreaterThan(0);
    }
    // Decisions that gave no coupon are not among the lines.
    const given = best === undefined ? (EPSILON * 2) / 3 : 1 - EPSILON / 3;
    expect(Math.abs(lines.length / DECISIONS - given)).toBeLessThan(0.04);
  });

  it('is read by npm run offpolicy, with weights that average 1', () => {
    const estimate = new OffPolicyEstimate();
    for (const line of decisionsAt({})) {
      const read = readDecisionLine(JSON.stringify({ ...line, reward: line.chosen === 'small' ? 1 : 0 }), {
        kind: 'action',
        action: 'small',
      });
      if (read.kind !== 'decision') throw new Error(read.reason);
      estimate.add(read.decision);
    }
    const { ips, snips, warnings } = estimate.result();
    expect(ips.estimate).toBeGreaterThan(0.85);
    expect(ips.estimate).toBeLessThan(1.15);
    expect(snips.estimate).toBeCloseTo(1);
    expect(warnings).toEqual([]);
  });

  it('has probabilities that sum to 1, whatever is best', () => {
    for (const among of [1, 2, 20])
      for (const best of [undefined, 0, among - 1])
        for (const epsilon of [0.03, 1]) {
          const all = propensitiesOf(among, best, epsilon);
          expect(all.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1);
        }
  });

  it('is undefined if an older version made the grant', () => {
    const grant = decided(1)!;
    const { choice: _, ...before } = JSON.parse(grant.reason) as { choice: unknown };
    expect(decisionOf({ ...grant, reason: JSON.stringify(before) }, SECTION)).toBeUndefined();
  });
});

describe('the export of decisions', () => {
  let nowMs = START_MS;
  const dynamodb = emulatedTables();
  const runtime = testRuntime({
    clients: { dynamodb },
    clock: { nowMs: () => nowMs, wait: async () => {} },
  });
  const target = { runtime } as Target;
  afterAll(() => {
    nowMs = START_MS;
  });

  const exported = async (withOpen: boolean) => {
    const { lines, leftOut } = await exportDecisions(target, 'sale', withOpen);
    const all: DecisionLine[] = [];
    for await (const line of lines) all.push(line);
    return { all, leftOut };
  };

  it('leaves a decision out until its coupon can no longer be used, whether it was used or not', async () => {
    await open(runtime, definition('sale', SECTION));
    await open(runtime, definition('other', SECTION));
    const [used, unused] = [1, 2, 3, 4, 5, 6].map((i) => decided(i)).filter((grant) => grant !== undefined);
    const grants: StoredGrant[] = [
      { ...used!, state: 'redeemed' },
      { ...unused!, state: 'expired' },
      { ...used!, member: 'b', id: 'b', budget: 'baseline/platform', reason: '{"arm":"baseline"}' },
      { ...used!, member: 'old', id: 'old', reason: '{"arm":"engine","propensity":1}' },
      { ...used!, member: 'x', id: 'x', campaignId: 'other' },
      { ...used!, member: 'r', id: 'r', state: 'refused' },
    ];
    for (const grant of grants)
      await dynamodb.send(
        new PutItemCommand({
          TableName: 'Grants',
          Item: { ...itemOfGrant(grant), state: { S: grant.state } },
        }),
      );
    const waiting = await exported(false);
    expect(waiting).toEqual({ all: [], leftOut: { notChosen: 1, unknown: 1, open: 2 } });
    expect((await exported(true)).all).toHaveLength(2);
    nowMs = START_MS + 10 * DAY_MS;
    const { all, leftOut } = await exported(false);
    expect(leftOut).toEqual({ notChosen: 1, unknown: 1, open: 0 });
    expect(new Map(all.map(({ decision, reward }) => [decision, reward]))).toEqual(
      new Map([
        [used!.id, 1],
        [unused!.id, 0],
      ]),
    );
    await expect(exportDecisions(target, 'nothing', false)).rejects.toThrow('got "nothing"');
  });
});
