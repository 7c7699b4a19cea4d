import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putItemsOnce, readDefinition, readListing } from '#domain/campaigns/campaigns-table.ts';
import { readSwitchProgress } from '#domain/campaigns/issuing-switch.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { startPresaleWhenDue } from '#domain/presale/start-presale.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { makeHandler } from '#lambdas/presale/handler.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { layoutIn } from '../support/layouts.ts';
import { scanAll } from '../support/presale-world.ts';
import { type Consumer, consumerOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const random = seededRandom(7);
const weather = new Weather(random);
const queues = new Queues(random, weather);

const SHARDS = 96;
const POOLS = ['platform', 'brand', 'near'];
const TOTAL_FEN = 1_000_003;

const definition = (campaignId: string): CampaignDefinition => ({
  campaignId,
  startsAt: '2026-11-10T12:00:00.000Z',
  endsAt: '2026-11-11T12:00:00.000Z',
  coupons: {
    budgets: POOLS.map((pool) => ({ pool, totalFen: TOTAL_FEN, presaleShare: 0.5 })),
    offers: [
      {
        offerId: 'ten',
        pool: 'platform',
        thresholdFen: 5_000,
        discountFen: 1_000,
        scope: 'all',
        validHours: 24,
      },
    ],
    arms: { engine: 60, baseline: 20, control: 20 },
    salt: 'salt',
    objective: 'conversions',
    perMemberLimit: 3,
    shards: SHARDS,
    baselineOffer: 'ten',
  },
});

const eventOf = (data: CampaignDefinition) => ({
  specversion: '1.0',
  id: 'open',
  source: 'test',
  type: 'presale.started',
  time: data.startsAt,
  data,
});

describe('opening a campaign with coupons', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let consume: Consumer;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    weather.strike(dynoxide.client);
    const outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: queues.sqs }, random });
    runtime = makeRuntime(outside);
    consume = consumerOf(makeHandler(outside));
  });
  afterAll(() => dynoxide.stop());

  const isOpen = async (campaignId: string): Promise<boolean> => {
    const { Item: item } = await dynoxide.client.send(
      new GetItemCommand({
        TableName: 'Campaigns',
        Key: { campaign: { S: '#open' }, item: { S: campaignId } },
      }),
    );
    return item !== undefined;
  };

  const shardsOf = async (campaignId: string): Promise<Map<string, number>> => {
    const items = (await scanAll(dynoxide.client, 'Campaigns')).filter(({ campaign }) =>
      campaign!.S!.startsWith(`${campaignId}#BUDGET#`),
    );
    return new Map(items.map((item) => [item.item!.S!, Number(item.remaining!.N)]));
  };

  const sum = (shards: ReadonlyMap<string, number>) => [...shards.values()].reduce((a, b) => a + b, 0);

  const tick = async (): Promise<void> => {
    for (const one of await readListing(runtime)) await startPresaleWhenDue(runtime, one, Date.now());
  };

  /** Delivers the messages of the presale queue until it is empty. */
  const deliver = async (): Promise<void> => {
    while (await queues.deliver({ presale: { consume, batch: 10 } }));
  };

  it('continues wherever it crashed, and lists the campaign only after its whole budget exists', async () => {
    for (let round = 0; round < 10; round++) {
      const campaignId = `sale-${round}`;
      weather.rates = { death: 0.04, lostAnswer: 0.04, conflict: 0.08, throttle: 0.08 };
      queues.put('presale', eventOf(definition(campaignId)));
      while (queues.of('presale').length > 0) {
        await queues.deliver({ presale: { consume, batch: 10 } });
        if (!(await isOpen(campaignId))) continue;
        expect(sum(await shardsOf(campaignId))).toBe(POOLS.length * TOTAL_FEN);
      }
      expect(await isOpen(campaignId)).toBe(true);
      expect((await shardsOf(campaignId)).size).toBe(2 * POOLS.length * SHARDS);
      weather.rates = NO_FAULTS;
      await tick();
      const started = queues.of('audience').map(({ body }) => JSON.parse(body));
      expect(started.length).toBeGreaterThan(0);
      for (const one of started) expect(one).toEqual({ pass: 'start', campaignId });
      queues.messages.clear();
    }
    expect(Math.min(...Object.values(weather.struck))).toBeGreaterThan(0);
  });

  it('leaves the campaign paused before anything can be issued, if a pause comes during the opening', async () => {
    for (let round = 0; round < 10; round++) {
      const campaignId = `paused-${round}`;
      const paused = { ...eventOf(definition(campaignId)), id: 'pause', type: 'campaign.paused' };
      weather.rates = { death: 0.002, lostAnswer: 0.002, conflict: 0.04, throttle: 0.002 };
      queues.messages.clear();
      queues.put('presale', eventOf(definition(campaignId)));
      let isSent = false;
      const one = async (): Promise<void> => {
        while (queues.of('presale').length > 0) {
          await queues.deliver({ presale: { consume, batch: 1 } });
          const isRegistered = (await readDefinition(runtime, campaignId)) !== undefined;
          if (isRegistered && !isSent) queues.put('presale', { ...paused, data: { campaignId } });
          isSent ||= isRegistered;
        }
      };
      await Promise.all([one(), one(), one()]);
      if (!isSent) continue;
      await one();
      const { state, shards, switched } = await readSwitchProgress(runtime, campaignId);
      expect(state.isPaused).toBe(true);
      expect({ shards, switched }).toEqual({ shards: 2 * 3 * SHARDS, switched: 2 * 3 * SHARDS });
      expect(await isOpen(campaignId)).toBe(true);
    }
    queues.messages.clear();
  });

  it('never refills a shard that was debited before the opening was finished', async () => {
    const campaignId = 'debited';
    weather.rates = { death: 0, lostAnswer: 0, conflict: 0, throttle: 0 };
    await putItemsOnce(
      runtime,
      campaignId,
      openingItems(layoutIn(definition(campaignId)), definition(campaignId).coupons).slice(0, 150),
    );
    await dynoxide.client.send(
      new UpdateItemCommand({
        TableName: 'Campaigns',
        Key: {
          campaign: { S: `${campaignId}#BUDGET#engine/platform#00` },
          item: { S: 'BUDGET#engine/platform#00' },
        },
        UpdateExpression: 'SET remaining = remaining - :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
    queues.put('presale', eventOf(definition(campaignId)));
    await deliver();
    expect(await isOpen(campaignId)).toBe(true);
    expect(sum(await shardsOf(campaignId))).toBe(POOLS.length * TOTAL_FEN - 1);
  });

  it('rejects another definition with the same id and names the difference, and ignores the same definition', async () => {
    const campaignId = 'twice';
    queues.messages.clear();
    queues.put('presale', eventOf(definition(campaignId)));
    await deliver();
    queues.messages.clear();
    queues.put('presale', eventOf(definition(campaignId)));
    queues.put('presale', eventOf({ ...definition(campaignId), endsAt: '2026-11-12T12:00:00.000Z' }));
    await deliver();
    expect(queues.of('audience')).toEqual([]);
    const rejects = queues.of('rejects').map(({ body }) => JSON.parse(body));
    expect(new Set(rejects.map(({ field }) => field))).toEqual(new Set(['data.endsAt']));
  });
});
