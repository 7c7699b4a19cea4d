import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { noteReached } from '#domain/campaigns/reached.ts';
import { readDecidingModel } from '#domain/coupons/deciding-model.ts';
import { type CouponIdKey, parseCouponId } from '#domain/grants/coupon-id.ts';
import { LEAST_VALIDITY_MS } from '#domain/grants/grant.ts';
import { issueSegment } from '#domain/presale/issue-pass.ts';
import type { PresalePlan } from '#domain/presale/presale-plan.ts';
import { campaignSettings } from '#events/contract.ts';
import type { Clients, Runtime } from '#platform/runtime.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { START_MS } from '../support/presale-members.ts';
import { campaign, coupons, fillMembers, offer, readBooks } from '../support/presale-world.ts';
import { seededRandom } from '../support/random.ts';
import { testRuntime } from '../support/runtime.ts';

const DAY_MS = 86_400_000;
const FACE_FEN = 1_000;
const PLAN: PresalePlan = { pricings: { engine: { kind: 'prices', prices: [0] } }, opening: {}, demand: {} };

/** A presale that plans a coupon for each of two members. Its budget of `totalFen` may be too small for both. */
const world = async (totalFen: number) => {
  let beforeTransaction: (() => Promise<void>) | undefined;
  const dynamodb = emulatedTables({
    before: async ({ name }) => {
      const strike = name === 'TransactWriteItems' ? beforeTransaction : undefined;
      if (strike === undefined) return;
      beforeTransaction = undefined;
      await strike();
    },
  });
  const section = coupons({
    budgets: [{ pool: 'platform', totalFen, presaleShare: 1 }],
    offers: [offer()],
    arms: { engine: 100, baseline: 0, control: 0 },
    shards: 1,
  });
  const sale = campaign({ coupons: section });
  const published = new Set<string>();
  const worker = ({ nowMs = START_MS, crashes = false } = {}): Runtime => {
    const send = async ({ input }: SendMessageBatchCommand): Promise<object> => {
      if (crashes) throw new Error('the worker died');
      for (const { MessageBody: body } of input.QueueUrl === 'grants' ? input.Entries! : [])
        for (const { id } of JSON.parse(body!) as { id: string }[]) published.add(id);
      return {};
    };
    return testRuntime({
      clients: { dynamodb, sqs: { send } as unknown as Clients['sqs'] },
      clock: { nowMs: () => nowMs, wait: async () => {} },
    });
  };
  await open(worker(), sale);
  await fillMembers(dynamodb as never, 2, seededRandom(3));
  const settings = campaignSettings(sale);
  const { startsAtMs, endsAtMs, campaignId } = settings;
  const issue = async (runtime: Runtime, key: CouponIdKey | null = idKeyIn(campaignId)): Promise<string> => {
    const model = await readDecidingModel(runtime, campaignId, section);
    const presale = { campaignId, startsAtMs, endsAtMs, coupons: section, model, idKey: key ?? undefined };
    const segment = { campaignId, index: 0, segments: 1 };
    return issueSegment(runtime, { presale, settings, segment }, PLAN, Number.POSITIVE_INFINITY);
  };
  const credit = () =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: 'Campaigns',
        Key: {
          campaign: { S: `${campaignId}#BUDGET#engine/platform#00` },
          item: { S: 'BUDGET#engine/platform#00' },
        },
        UpdateExpression: 'SET remaining = remaining + :fen',
        ExpressionAttributeValues: { ':fen': { N: String(FACE_FEN) } },
      }),
    );
  const granted = async () => (await readBooks(dynamodb as never, campaignId)).grants.map(({ id }) => id);
  return {
    ...{ worker, issue, credit, granted, published },
    strike: (what: () => Promise<void>) => {
      beforeTransaction = what;
    },
  };
};

describe('a presale', () => {
  it('publishes every grant, even if a slow worker finds money that came back, and then dies', async () => {
    const { worker, issue, strike, credit, granted, published } = await world(FACE_FEN);
    strike(async () => {
      expect(await issue(worker())).toBe('done');
      await credit();
    });
    await expect(issue(worker({ crashes: true }))).rejects.toThrow('the worker died');
    expect(await issue(worker())).toBe('done');
    expect(await granted()).toHaveLength(1);
    expect([...published]).toEqual(await granted());
  });

  it('whose message comes again days later publishes what was given, and gives nothing that has expired', async () => {
    for (const isGiven of [true, false]) {
      const { worker, issue, granted, published } = await world(2 * FACE_FEN);
      if (isGiven) await expect(issue(worker({ crashes: true }))).rejects.toThrow('the worker died');
      const late = worker({ nowMs: START_MS + 3 * DAY_MS });
      await noteReached(late, START_MS + 3 * DAY_MS - 60_000, START_MS + 3 * DAY_MS);
      expect(await issue(late)).toBe('done');
      expect(await granted()).toHaveLength(isGiven ? 2 : 0);
      expect([...published]).toEqual(await granted());
    }
  });

  it('gives a coupon only if even a slow write of the coupon ends before the coupon expires', async () => {
    for (const [nowMs, given] of [
      [START_MS + DAY_MS - LEAST_VALIDITY_MS - 1, 2],
      [START_MS + DAY_MS - LEAST_VALIDITY_MS, 0],
    ] as const) {
      const { worker, issue, granted } = await world(2 * FACE_FEN);
      const late = worker({ nowMs });
      await noteReached(late, nowMs, nowMs);
      expect(await issue(late)).toBe('done');
      expect(await granted()).toHaveLength(given);
    }
  });

  it('that two versions of the code issue gives each member one coupon, under an id of the version that planned the round', async () => {
    for (const keys of [
      [undefined, idKeyIn('sale')],
      [idKeyIn('sale'), undefined],
    ]) {
      const { worker, issue, granted, published } = await world(2 * FACE_FEN);
      await expect(issue(worker({ crashes: true }), keys[0] ?? null)).rejects.toThrow('the worker died');
      expect(await issue(worker(), keys[1] ?? null)).toBe('done');
      expect([...published].sort()).toEqual((await granted()).sort());
      expect((await granted()).map((id) => parseCouponId(id)?.isKeyed)).toEqual(
        [0, 1].map(() => keys[0] !== undefined),
      );
    }
  });

  it('of a sale that is replayed long afterwards gives its coupons, because the orders’ own clock says whether coupons have expired', async () => {
    const { worker, issue, granted } = await world(2 * FACE_FEN);
    const replay = worker({ nowMs: START_MS + 400 * DAY_MS });
    await noteReached(replay, START_MS - 60_000, START_MS + 400 * DAY_MS);
    expect(await issue(replay)).toBe('done');
    expect(await granted()).toHaveLength(2);
  });
});
