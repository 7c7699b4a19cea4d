import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitionBytes, readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { writePrices } from '#domain/campaigns/prices.ts';
import type { GrantReason } from '#domain/coupons/decide.ts';
import { readDecidingModel } from '#domain/coupons/deciding-model.ts';
import { priorModel } from '#domain/coupons/model.ts';
import { OWN_FEATURES } from '#domain/coupons/own-model.ts';
import { featuresOfSummary } from '#domain/members/feature-summary.ts';
import type { Features } from '#domain/members/profile.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { parseEvent } from '#events/contract.ts';
import { makeHandler as makeCoupon } from '#lambdas/coupon/handler.ts';
import { makeHandler as makeIntake } from '#lambdas/intake/handler.ts';
import { makeHandler as makePresale } from '#lambdas/presale/handler.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { evaluateMargin, randomForest } from '../learning/forests.ts';
import { allGrants, couponMessage, eventId } from '../support/coupon-world.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { Weather } from '../support/faults.ts';
import { presaleStarted } from '../support/presale-world.ts';
import { type Consumer, consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { coupons, definition, offer, order, START_MS } from './factories.ts';

const TREES = 300;
const DEPTH = 6;
const MEMBERS = 40;

/** Features whose values lie near the splits of the random trees, and one that is often missing. */
const NAMES = ['nearShare', 'refundedShare', 'scopeShare', 'prior', 'isPresale', 'orders30d', 'recencyDays'];
const OFFERS = [
  offer({ offerId: 'five', thresholdFen: 5_000, discountFen: 500 }),
  offer({ offerId: 'near', thresholdFen: 5_000, discountFen: 500, scope: 'near' }),
  offer({ offerId: 'far', thresholdFen: 12_000, discountFen: 500, scope: 'far' }),
];

const modelOf = (trees: number) => {
  const forest = randomForest(3, {
    trees,
    features: NAMES.length,
    depth: DEPTH,
    objective: 'binary:logistic',
    baseScore: '[2E-1]',
  });
  forest.learner.feature_names = NAMES;
  return forest;
};
const MODEL = modelOf(TREES);

const opening = (campaignId: string, ownModel: Record<string, unknown>): CampaignDefinition =>
  definition(campaignId, coupons({ offers: OFFERS, objective: 'redemptions', model: 'own', ownModel }));

/** What the trees say of an offer, by an evaluator that shares no code with the pipeline's. */
const expectedFor = (features: Features, offerIndex: number): number => {
  const one = OFFERS[offerIndex]!;
  const [prior] = priorModel(features, [one], 'order').offers;
  const input = { features, offer: one, occasion: 'order' as const, priorUsed: prior!.pUsed };
  const row = NAMES.map((name) => OWN_FEATURES[name]!(input));
  return 1 / (1 + Math.exp(-evaluateMargin(MODEL, Math.log(0.2 / 0.8), row)));
};

describe('a model of 300 trees in the definition of a campaign', () => {
  const random = seededRandom(5);
  const queues = new Queues(random, new Weather(random));
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let consumers: Record<string, Consumer>;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    const outside = testOutside({
      clients: { dynamodb: dynoxide.client, sqs: queues.sqs },
      clock: { nowMs: () => START_MS, wait: async () => {} },
      environment: {
        SENDERS: '{}',
        READS_PLACES: 'false',
        CONTROL_QUEUE_URL: 'control',
        WAITING_QUEUE_URL: 'waiting',
        PRESALE_QUEUE_URL: 'presale',
      },
      random,
    });
    runtime = makeRuntime(outside);
    consumers = {
      intake: consumerOf(makeIntake(outside)),
      presale: consumerOf(makePresale(outside)),
      coupon: consumerOf(makeCoupon(outside)),
    };
  });
  afterAll(() => dynoxide.stop());

  /** Hands intake an opening, as if from the control queue, and hands presale what intake sends on. */
  const openBy = async (data: CampaignDefinition): Promise<void> => {
    const sent = eventOf(presaleStarted(data));
    Object.assign(sent.Records[0]!, { eventSourceARN: 'arn:aws:sqs:::control' });
    expect(await consumers.intake!(sent)).toEqual({ batchItemFailures: [] });
    for (const { body } of queues.take('presale', 10))
      expect(await consumers.presale!(eventOf(JSON.parse(body)))).toEqual({ batchItemFailures: [] });
  };

  it('comes in through intake, is stored with its campaign and is read back as it was', async () => {
    const data = opening('trees', MODEL);
    expect(JSON.stringify(data).length).toBeGreaterThan(500_000);
    await openBy(data);
    expect(queues.take('rejects', 10)).toEqual([]);
    expect(await readDefinition(runtime, 'trees')).toEqual(data);
  });

  it('predicts what an independent float32 evaluator does, to within 1e-6, and decides accordingly', async () => {
    await writePrices(runtime, 'trees', { 'engine/platform': 1e-9 }, 0);
    const events = Array.from({ length: MEMBERS }, (_, m) => [
      order({ id: eventId(`a-${m}`), orderId: `a${m}`, member: `m${m}`, amountFen: 4_000 + 700 * m }),
      order({
        id: eventId(`b-${m}`),
        orderId: `b${m}`,
        member: `m${m}`,
        amountFen: 6_000,
        channel: m % 3 === 0 ? 'near' : 'far',
        timeMs: START_MS + 2_000,
      }),
    ]).flat();
    await consumers.coupon!(eventOf(couponMessage(['trees'], events)));
    const grants = await allGrants(dynoxide.client, 'trees');
    expect(grants.length).toBeGreaterThan(MEMBERS);
    const stored = (await readDefinition(runtime, 'trees'))!.coupons!;
    const { model } = await readDecidingModel(runtime, 'trees', stored);
    const answers = new Set<number>();
    for (const grant of grants) {
      const reason = JSON.parse(grant.reason) as GrantReason;
      expect(reason.model).toBe('own');
      const features = featuresOfSummary(reason.features!);
      const expected = OFFERS.map((_, i) => expectedFor(features, i));
      const said = model(features, OFFERS, 'order').offers.map(({ pUsed }) => pUsed);
      for (const [i, answer] of said.entries()) {
        answers.add(answer);
        expect(Math.abs(answer - expected[i]!)).toBeLessThan(1e-6);
      }
      const given = OFFERS.findIndex(({ offerId }) => offerId === grant.offer);
      // All offers cost the same, nearly nothing at this price, so the one likeliest to be used is given. The
      // summary keeps only four digits of each feature, so a small difference is allowed.
      expect(faceValueFen(OFFERS[given]!)).toBe(500);
      expect(expected[given]!).toBeGreaterThan(Math.max(...expected) - 0.05);
    }
    expect(answers.size).toBeGreaterThan(30);
  });

  it('is refused with a reason if it is too large to be stored, or cannot be loaded', async () => {
    const broken = structuredClone(MODEL);
    broken.learner.gradient_booster.model.trees[299]!.left_children[0] = 99_999;
    await openBy(opening('broken', broken));
    const [reject] = queues.take('rejects', 10).map(({ body }) => JSON.parse(body));
    expect(JSON.stringify(reject)).toContain('learner.gradient_booster.model.trees[299].left_children[0]');
    expect(await readDefinition(runtime, 'broken')).toBeUndefined();

    // Random bytes, which cannot be compressed.
    const more = Buffer.from(Array.from({ length: 400_000 }, () => Math.floor(256 * random()))).toString(
      'base64',
    );
    const larger = opening('larger', { ...modelOf(3), more });
    expect(definitionBytes(larger)).toBeGreaterThan(390_000);
    await openBy(larger);
    const [tooLarge] = queues.take('rejects', 10).map(({ body }) => JSON.parse(body));
    expect(JSON.stringify(tooLarge)).toContain('at most 390000 bytes, compressed');
    expect(await readDefinition(runtime, 'larger')).toBeUndefined();
  });

  it('has its own limit of fields and elements, separate from that of the rest of the event', () => {
    const of = (changes: object) =>
      parseEvent({ ...presaleStarted(opening('bounds', MODEL)), ...changes }, START_MS);
    expect(of({}).ok).toBe(true);
    expect(of({ note: Array.from({ length: 20_001 }, () => 0) }).ok).toBe(false);
    const values = Array.from({ length: 530_000 }, () => 0);
    const parsed = of({ data: opening('bounds', { ...MODEL, values }) });
    expect(parsed.ok ? '' : parsed.rejection.message).toContain('at most 524288 fields and elements');
  });
});
