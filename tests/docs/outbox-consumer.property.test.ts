import { readFileSync } from 'node:fs';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishDrawReport } from '#domain/free-orders/draw/report.ts';
import { couponGrant, type Grant, type StoredGrant } from '#domain/grants/grant.ts';
import { sendGrants } from '#domain/grants/grant-events.ts';
import { asyncApiDocument } from '#events/asyncapi.ts';
import { campaignSettings } from '#events/contract.ts';
import { readSamples } from '#events/generate.ts';
import { definition, offer, START_MS } from '../coupons/factories.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { Weather } from '../support/faults.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testRuntime } from '../support/runtime.ts';

const CONSUMER = new URL('../../docs/outbox-consumer.js', import.meta.url);
const SOURCE = readFileSync(CONSUMER, 'utf8');
type Event = { id: string; type: string; data: { grantId: string; amountFen: number } };
type TakeGrants = (
  sqs: { send: (command: unknown) => Promise<object> },
  queueUrl: string,
  lower: (grant: Event['data'], fen: number) => Promise<void>,
) => Promise<number>;
const { takeGrants } = (await import(CONSUMER.href)) as { takeGrants: TakeGrants };

const grantOf = (member: string, kind: Grant['kind'], faceFen: number): Grant => ({
  ...couponGrant({
    campaignId: 'sale',
    member,
    slot: 0,
    offer: offer(),
    arm: 'engine',
    trigger: 'order',
    grantedMs: START_MS,
    reason: {},
    idKey: idKeyIn('sale'),
  }),
  id: `sale.${kind}.${member}`,
  kind,
  faceFen,
});

/** What becomes of a grant: its face value, the amounts that it is reduced to, both in fen, and whether it is revoked. */
type Fate = { faceFen: number; reducedTo: number[]; isRevoked: boolean };

/** The events of grants with these fates, made by the pipeline's own code. */
const eventsOf = async (fates: readonly Fate[]): Promise<Event[]> => {
  const random = seededRandom(1);
  const queues = new Queues(random, new Weather(random));
  const runtime = testRuntime({ clients: { sqs: queues.sqs } });
  const coupon = grantOf('coupon', 'coupon', 1_000);
  await sendGrants(runtime, [coupon]);
  const wins = fates.map((fate, i) => ({
    grant: { ...grantOf(`m${i}`, 'free-order', fate.faceFen), state: 'live', changes: 0 } as StoredGrant,
    fate,
  }));
  await publishDrawReport(
    runtime,
    campaignSettings(definition('sale')),
    {
      metrics: [],
      wins: wins.map(({ grant }) => grant),
      revoked: wins.filter(({ fate }) => fate.isRevoked).map(({ grant }) => grant),
      reduced: wins.flatMap(({ grant, fate }) => fate.reducedTo.map((awardFen) => ({ grant, awardFen }))),
    },
    START_MS,
  );
  return queues.of('grants').flatMap(({ body }) => JSON.parse(body) as Event[]);
};

/** What each grant is worth according to its fate. */
const worthOf = (fates: readonly Fate[]): Map<string, number> =>
  new Map([
    ['sale.coupon.coupon', 1_000],
    ...fates.map(({ faceFen, reducedTo, isRevoked }, i): [string, number] => [
      `sale.free-order.m${i}`,
      isRevoked ? 0 : Math.min(faceFen, ...reducedTo),
    ]),
  ]);

/** A queue that gives these messages again until they are deleted. */
const queueOf = (batches: readonly (readonly Event[])[]) => {
  const left = new Map(batches.map((batch, i) => [String(i), JSON.stringify(batch)]));
  return {
    left,
    send: async (command: unknown): Promise<object> => {
      if (command instanceof DeleteMessageCommand) left.delete(command.input.ReceiptHandle!);
      if (!(command instanceof ReceiveMessageCommand)) return {};
      return { Messages: [...left].map(([ReceiptHandle, Body]) => ({ ReceiptHandle, Body })) };
    },
  };
};

const fatesOf = fc.array(
  fc.record({
    faceFen: fc.integer({ min: 10, max: 1_000 }),
    reducedTo: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
    isRevoked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

describe('the consumer in the documentation', () => {
  it('is the same as the one in the file beside the page, and is short', () => {
    const documentation = readFileSync(new URL('../../docs/contract.md', import.meta.url), 'utf8');
    expect(/```js\n(.*?)```/s.exec(documentation)?.[1]).toBe(SOURCE);
    expect(SOURCE.trim().split('\n').length).toBeLessThanOrEqual(32);
  });

  it('ends with what each grant is worth, however its events are ordered, doubled, batched and interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(fatesOf, fc.integer(), async (fates, seed) => {
        const random = seededRandom(seed);
        const events = await eventsOf(fates);
        const arriving = [...events, ...events.filter(() => random() < 0.5)]
          .map((event) => ({ event, at: random() }))
          .sort((a, b) => a.at - b.at)
          .map(({ event }) => event);
        const batches: Event[][] = [];
        for (const event of arriving) {
          if (batches.length === 0 || random() < 0.4) batches.push([]);
          batches.at(-1)!.push(event);
        }
        const queue = queueOf(batches);
        const wallet = new Map<string, number>();
        while (queue.left.size > 0) {
          const taking = takeGrants(queue, 'grants', async ({ grantId }, fen) => {
            if (random() < 0.1) throw new Error('crashed');
            if (fen < (wallet.get(grantId) ?? Number.POSITIVE_INFINITY)) wallet.set(grantId, fen);
          });
          await taking.catch(({ message }: Error) => expect(message).toBe('crashed'));
        }
        expect(wallet).toEqual(worthOf(fates));
      }),
      { numRuns: 100 },
    );
  });

  it('leaves a message of an unknown type in the queue', async () => {
    const [event] = await eventsOf([]);
    const queue = queueOf([[{ ...event!, type: 'coupon.doubled' }]]);
    await expect(takeGrants(queue, 'grants', async () => {})).rejects.toThrow('got coupon.doubled');
    expect(queue.left.size).toBe(1);
  });

  it('reads events of the form that the AsyncAPI document describes', async () => {
    const { components } = asyncApiDocument(readSamples()) as {
      components: { schemas: Record<string, object> };
    };
    const ajv = new Ajv2020({ strict: false }).addSchema({ $id: 'asyncapi', components });
    const validate = ajv.compile({ $ref: 'asyncapi#/components/schemas/granted' });
    const events = await eventsOf([
      { faceFen: 100, reducedTo: [7], isRevoked: false },
      { faceFen: 100, reducedTo: [], isRevoked: true },
    ]);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['coupon.granted', 'free-order.granted', 'free-order.reduced', 'free-order.revoked']),
    );
    expect(validate(events), JSON.stringify(validate.errors)).toBe(true);
  });
});
