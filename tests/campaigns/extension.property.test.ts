import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readDefinition,
  readListing,
  readStoredDefinition,
  registerCampaign,
} from '#domain/campaigns/campaigns-table.ts';
import {
  applyExtension,
  EXTENSION_KNOWN_MS,
  EXTENSION_LEAD_MS,
  readCampaign,
} from '#domain/campaigns/extension.ts';
import { couponCampaign } from '#domain/coupons/campaigns.ts';
import { openCampaign } from '#domain/presale/open-campaign.ts';
import { CLOCK_SKEW_MS } from '#events/contract.ts';
import { makeHandler } from '#lambdas/presale/handler.ts';
import { presale } from '#lib/functions/presale.ts';
import { definition, END_MS, START_MS } from '../coupons/factories.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { NO_FAULTS, Weather } from '../support/faults.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside, testRuntime } from '../support/runtime.ts';

const SALE = definition('sale');
const HOUR_MS = 3_600_000;
const text = (ms: number): string => new Date(ms).toISOString();

type Extension = { id: string; endsAt: string };

const extensionTo = (ms: number, id = `to-${ms}`): Extension => ({ id, endsAt: text(ms) });

/** An open campaign, workers of the presale function that may crash at any call, and a clock. */
const world = async ({ isOpen = true } = {}) => {
  const random = seededRandom(1);
  const weather = new Weather(random);
  const queues = new Queues(random, new Weather(random));
  const tables = emulatedTables({
    before: async () => {
      if (weather.strikes('death')) throw new Error('died');
    },
    after: async () => {
      if (weather.strikes('lostAnswer')) throw Object.assign(new Error('lost'), { name: 'TimeoutError' });
    },
  });
  const time = { nowMs: START_MS + HOUR_MS };
  const clock = { nowMs: () => time.nowMs, wait: async () => {} };
  const outside = testOutside({ clients: { dynamodb: tables, sqs: queues.sqs }, clock });
  const runtime = testRuntime({ clients: { dynamodb: tables, sqs: queues.sqs }, clock });
  await registerCampaign(runtime, SALE);
  if (isOpen) await openCampaign(runtime, (await readStoredDefinition(runtime, 'sale'))!);
  const consume = consumerOf(makeHandler(outside));
  const deliver = async ({ id, endsAt }: Extension, deliveries = 1): Promise<boolean> => {
    const { Records: records } = eventOf({
      specversion: '1.0',
      source: '/ops',
      type: 'campaign.extended',
      time: text(time.nowMs),
      id,
      data: { campaignId: 'sale', endsAt },
    });
    records[0]!.attributes.ApproximateReceiveCount = String(deliveries);
    return (await consume({ Records: records })).batchItemFailures.length === 0;
  };
  const endOf = async (): Promise<number> => (await readCampaign(runtime, 'sale'))!.settings.endsAtMs;
  const rejects = () =>
    queues.of('rejects').map(({ body }) => JSON.parse(body) as { reason: string; message: string });
  return { runtime, time, deliver, endOf, rejects, weather, queues };
};

describe('extending a campaign', () => {
  it('leads to the latest of all ends, however often and in whatever order the extensions come, and whichever workers crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }).chain((hours) =>
          fc.record({
            hours: fc.constant(hours),
            deliveries: fc.array(fc.array(fc.constantFrom(...hours), { maxLength: 3 }), { maxLength: 4 }),
            last: fc.shuffledSubarray(hours, { minLength: hours.length }),
          }),
        ),
        async ({ hours, deliveries, last }) => {
          const { runtime, deliver, endOf, rejects, weather } = await world();
          const sent = (hour: number) => deliver(extensionTo(END_MS + hour * HOUR_MS));
          weather.rates = { ...NO_FAULTS, death: 0.1, lostAnswer: 0.2 };
          for (const together of deliveries) await Promise.all(together.map(sent));
          weather.rates = NO_FAULTS;
          for (const hour of last) expect(await sent(hour)).toBe(true);

          const latestMs = END_MS + Math.max(...hours) * HOUR_MS;
          expect(await endOf()).toBe(latestMs);
          const [listed] = await readListing(runtime);
          expect(listed!.settings).toEqual((await readCampaign(runtime, 'sale'))!.settings);
          expect(listed!.settings).toMatchObject({ endsAtMs: latestMs, plannedEndsAtMs: END_MS });
          expect(await readDefinition(runtime, 'sale')).toEqual(SALE);
          expect(rejects()).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is refused if it comes too late, and changes nothing if the campaign already ends at the time it asks for', async () => {
    const { time, deliver, endOf, rejects } = await world();
    time.nowMs = END_MS - EXTENSION_LEAD_MS;
    expect(await deliver(extensionTo(END_MS + HOUR_MS))).toBe(true);
    expect(await endOf()).toBe(END_MS + HOUR_MS);
    time.nowMs = END_MS + HOUR_MS - EXTENSION_LEAD_MS + 1;
    expect(await deliver(extensionTo(END_MS + HOUR_MS))).toBe(true);
    expect(rejects()).toEqual([]);
    expect(await deliver(extensionTo(END_MS + 2 * HOUR_MS))).toBe(true);
    expect(await endOf()).toBe(END_MS + HOUR_MS);
    expect(rejects()).toMatchObject([{ reason: 'rule-broken', field: 'data.endsAt' }]);
    expect(rejects()[0]!.message).toContain(`10 minutes before the end (${text(END_MS + HOUR_MS)})`);
  });

  it('has to come early enough that every process knows of it before an event after the former end can come', () => {
    const slowestMs = EXTENSION_KNOWN_MS + CLOCK_SKEW_MS + presale.tuning.timeoutSeconds * 1_000;
    expect(EXTENSION_LEAD_MS).toBeGreaterThan(slowestMs);
  });

  it.each([
    ['at the planned end', END_MS, 'a time after 2026-11-11T12:00:00.000Z'],
    ['before the planned end', END_MS - HOUR_MS, 'a time after 2026-11-11T12:00:00.000Z'],
    [
      'later than the tree of rows can hold',
      START_MS + 240 * HOUR_MS + 1,
      'a time no later than 2026-11-20T12:00:00.000Z',
    ],
  ])('is refused if it asks for an end %s', async (_, endMs, expected) => {
    const { deliver, endOf, rejects } = await world();
    expect(await deliver(extensionTo(endMs))).toBe(true);
    expect(rejects()[0]!.message).toContain(expected);
    expect(await endOf()).toBe(END_MS);
  });

  it('waits for a campaign that is just being opened, and is not undone by an opening that comes again', async () => {
    const { runtime, deliver, endOf } = await world({ isOpen: false });
    expect(await deliver(extensionTo(END_MS + HOUR_MS))).toBe(false);
    await openCampaign(runtime, (await readStoredDefinition(runtime, 'sale'))!);
    expect(await deliver(extensionTo(END_MS + HOUR_MS), 2)).toBe(true);
    // A slow worker that was handed the first delivery of the opening lists the campaign only now.
    await openCampaign(runtime, (await readStoredDefinition(runtime, 'sale'))!);
    expect(await endOf()).toBe(END_MS + HOUR_MS);
    expect((await readListing(runtime))[0]!.settings.endsAtMs).toBe(END_MS + HOUR_MS);
  });

  it('does not move the end back, even if its worker read an earlier end', async () => {
    const { runtime, endOf } = await world();
    const send = runtime.dynamodb.send.bind(runtime.dynamodb) as (command: object) => Promise<object>;
    let isOvertaken = false;
    const slow = testRuntime({
      clients: {
        dynamodb: {
          send: (async (command: { constructor: { name: string } }) => {
            if (command.constructor.name === 'TransactWriteItemsCommand' && !isOvertaken) {
              isOvertaken = true;
              await applyExtension(runtime, SALE, END_MS + 3 * HOUR_MS);
            }
            return send(command);
          }) as never,
        },
      },
      clock: runtime.clock,
    });
    expect(await applyExtension(slow, SALE, END_MS + HOUR_MS)).toEqual({ kind: 'unknown' });
    expect(await endOf()).toBe(END_MS + 3 * HOUR_MS);
    expect((await readListing(runtime))[0]!.settings.endsAtMs).toBe(END_MS + 3 * HOUR_MS);
    expect(await applyExtension(slow, SALE, END_MS + HOUR_MS)).toEqual({ kind: 'stands' });
  });

  it('is known in time to a worker that decides on coupons', async () => {
    const { runtime, time, deliver } = await world();
    const knownEnd = async () => (await couponCampaign(runtime, 'sale', time.nowMs))!.settings.endsAtMs;
    expect(await knownEnd()).toBe(END_MS);
    await deliver(extensionTo(END_MS + HOUR_MS));
    time.nowMs += EXTENSION_KNOWN_MS + 1;
    expect(await knownEnd()).toBe(END_MS + HOUR_MS);
  });
});
