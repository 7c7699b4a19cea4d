import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { comparedCampaign } from '#domain/presale/open-campaign.ts';
import { readPlan } from '#domain/presale/plan-item.ts';
import { type CampaignDefinition, formatTime, type PresaleStarted } from '#events/contract.ts';
import { makeHandler as makeAudience } from '#lambdas/audience/handler.ts';
import { makeHandler as makePacer } from '#lambdas/pacer/handler.ts';
import { makeHandler as makePresale } from '#lambdas/presale/handler.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { START_MS } from '../support/presale-members.ts';
import {
  campaign,
  coupons,
  faultsOf,
  fillMembers,
  presaleStarted,
  readBooks,
} from '../support/presale-world.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside, testRuntime } from '../support/runtime.ts';

const random = seededRandom(11);
const weather = new Weather(random);
const queues = new Queues(random, weather);

const MINUTE_MS = 60_000;
const PRESALE_MS = START_MS - 10 * MINUTE_MS;
const MEMBERS = 200;

describe('a presale with a time of its own', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  let nowMs = PRESALE_MS - 60 * MINUTE_MS;
  let consumers: Record<string, { consume: ReturnType<typeof consumerOf>; batch: number }>;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    await fillMembers(dynoxide.client, MEMBERS, random);
    weather.strike(dynoxide.client);
    const outside = testOutside({
      clients: { dynamodb: dynoxide.client, sqs: queues.sqs },
      clock: { nowMs: () => nowMs, wait: async () => {} },
      random,
    });
    runtime = makeRuntime(outside);
    consumers = {
      presale: { consume: consumerOf(makePresale(outside)), batch: 10 },
      pacer: { consume: consumerOf(makePacer(outside)), batch: 10 },
    };
    audience = consumerOf(makeAudience(outside));
  });
  afterAll(() => dynoxide.stop());

  let audience: ReturnType<typeof consumerOf>;
  const section = coupons({ arms: { engine: 100, baseline: 0, control: 0 } });
  const sale = (changes: Partial<CampaignDefinition>) =>
    campaign({ coupons: section, presaleAt: formatTime(PRESALE_MS), ...changes });
  const drain = async (): Promise<void> => {
    while (await queues.deliver(consumers));
  };
  const tick = async (): Promise<void> => {
    queues.put('pacer', {});
    await drain();
  };
  /** Delivers the messages of the audience's queue until there is none, each once however often it was sent. */
  const audienceOnce = async (): Promise<void> => {
    while (queues.of('audience').length > 0) {
      const bodies = new Set(queues.of('audience').map(({ body }) => body));
      queues.messages.delete('audience');
      for (const body of bodies) await audience(eventOf(JSON.parse(body)));
    }
  };
  const startsOf = () => new Set(queues.of('audience').map(({ body }) => body)).size;

  it('has its campaign listed at once, and plans nothing before its time', async () => {
    queues.put('presale', presaleStarted(sale({ campaignId: 'ahead' })));
    await drain();
    expect((await readListing(runtime)).map(({ settings }) => settings.campaignId)).toEqual(['ahead']);
    nowMs = PRESALE_MS - 1;
    await tick();
    expect(startsOf()).toBe(0);
  });

  it('begins once, with the first tick from its time on, even if ticks are lost, doubled or crash', async () => {
    // The tick of its minute is lost; the next one is the first to be delivered.
    nowMs = PRESALE_MS + MINUTE_MS;
    weather.rates = { death: 0.1, lostAnswer: 0.1, conflict: 0, throttle: 0.1 };
    for (let i = 0; i < 5; i++) queues.put('pacer', {});
    await drain();
    expect(startsOf()).toBe(1);
    weather.rates = NO_FAULTS;
    await audienceOnce();
    await tick();
    nowMs += MINUTE_MS;
    await tick();
    expect(queues.of('audience')).toEqual([]);
    expect(await readPlan(runtime, 'ahead')).toBeDefined();
    const books = await readBooks(dynoxide.client, 'ahead');
    expect(books.grants.length).toBeGreaterThan(0);
    expect(new Set(books.grants.map(({ member }) => member)).size).toBe(books.grants.length);
    expect(faultsOf(books, section)).toEqual([]);
  });

  it('begins with the opening if its time has already come, and no tick begins it again', async () => {
    nowMs = PRESALE_MS;
    queues.put('presale', presaleStarted(sale({ campaignId: 'behind' })));
    await drain();
    expect(startsOf()).toBe(1);
    queues.messages.clear();
    nowMs += MINUTE_MS;
    await tick();
    expect(queues.of('audience')).toEqual([]);
  });
});

describe('a campaign that is to be compared with another', () => {
  let dynoxide: Dynoxide;
  let runtime: Runtime;
  const own = new Queues(random, new Weather(random));
  let consumers: Record<string, { consume: ReturnType<typeof consumerOf>; batch: number }>;

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    const outside = testOutside({ clients: { dynamodb: dynoxide.client, sqs: own.sqs }, random });
    runtime = makeRuntime(outside);
    consumers = { presale: { consume: consumerOf(makePresale(outside)), batch: 10 } };
  });
  afterAll(() => dynoxide.stop());

  const definition = (campaignId: string, compareWith?: string): CampaignDefinition => ({
    campaignId,
    startsAt: formatTime(START_MS),
    endsAt: formatTime(START_MS + 60 * MINUTE_MS),
    ...(compareWith === undefined ? {} : { compareWith }),
  });
  const open = async (...definitions: CampaignDefinition[]): Promise<string[]> => {
    for (const one of definitions) own.put('presale', presaleStarted(one));
    while (await own.deliver(consumers));
    return (await readListing(runtime)).map(({ settings }) => settings.campaignId);
  };

  it('is opened, whichever of the two arrives first', async () => {
    for (let round = 0; round < 8; round++) {
      const opened = await open(definition(`new-${round}`, `old-${round}`), definition(`old-${round}`));
      expect(opened).toEqual(expect.arrayContaining([`new-${round}`, `old-${round}`]));
    }
    expect(own.of('rejects')).toEqual([]);
  });

  it('waits for the other campaign as long as orders wait for theirs, however often it is delivered, and is then refused', async () => {
    const sentMs = Date.now();
    const waits = testRuntime({
      clients: { dynamodb: dynoxide.client },
      environment: { CAMPAIGN_WAIT_SECONDS: '300' },
      clock: { nowMs: () => nowMs, wait: async () => {} },
    });
    let nowMs = sentMs + 299_000;
    const received = {
      messageId: '1',
      body: '',
      attributes: { SentTimestamp: String(sentMs), ApproximateReceiveCount: '9' },
    };
    const opening = presaleStarted(definition('asks', 'nobody')) as PresaleStarted;
    const ask = () => comparedCampaign(waits, opening, received);
    expect((await ask()).kind).toBe('waits');
    nowMs = sentMs + 300_000;
    expect((await ask()).kind).toBe('refused');
  });

  it('is refused, with the id of the other campaign, if that one was never opened', async () => {
    expect(await open(definition('alone', 'nobody'))).not.toContain('alone');
    const rejects = own.of('rejects').map(({ body }) => JSON.parse(body));
    expect(rejects[0]).toMatchObject({
      reason: 'rule-broken',
      field: 'data.compareWith',
      message: 'data.compareWith: expected the id of a campaign that was opened before, got "nobody"',
    });
  });
});
