import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Dynoxide, hasDynoxide, startDynoxide } from './audience/dynoxide.ts';
import { NO_FAULTS, Weather } from './audience/faults.ts';
import { Queues } from './audience/queues.ts';
import { seededRandom } from './audience/random.ts';
import { campaign, coupons, faultsOf, fillMembers, presaleStarted, readBooks } from './audience/world.ts';

const random = seededRandom(20_261_111);
const weather = new Weather(random);
const queues = new Queues(random, weather);
vi.mock('#lambdas/shared/queue.ts', () => ({
  sendAll: (...parameters: Parameters<typeof queues.sendAll>) => queues.sendAll(...parameters),
}));

const WORKERS = 10;
const MEMBERS = 600;

type Handler = typeof import('#lambdas/presale/handler.ts').handler;

describe.skipIf(!hasDynoxide)('a campaign with coupons', () => {
  let dynoxide: Dynoxide;
  let consumers: Parameters<typeof queues.deliver>[0];

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    const { dynamodb } = await import('#lambdas/shared/dynamodb.ts');
    weather.strike(dynamodb);
    const consume = (handler: Handler) => (event: SQSEvent) => handler(event, {} as Context);
    consumers = {
      presale: { consume: consume((await import('#lambdas/presale/handler.ts')).handler), batch: 1 },
      audience: { consume: consume((await import('#lambdas/audience/handler.ts')).handler), batch: 1 },
    };
    await fillMembers(dynoxide.client, MEMBERS, random);
  });
  afterAll(() => dynoxide.stop());

  /** Workers at it until all queues are empty; `look` is called again and again while no call is under way. */
  const work = async (look: () => Promise<void>): Promise<void> => {
    let busy = 0;
    let isOver = false;
    const worker = async (): Promise<void> => {
      while (!isOver) {
        busy++;
        const didWork = await queues.deliver(consumers);
        busy--;
        if (!didWork && busy === 0) isOver = true;
        if (!didWork) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const watcher = async (): Promise<void> => {
      while (!isOver) {
        await weather.still(look);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    };
    await Promise.all([...Array.from({ length: WORKERS }, worker), watcher()]);
  };

  test('keeps its books to the fen while workers die, and tells of every grant', async () => {
    weather.rates = { death: 0.02, lostAnswer: 0.02, conflict: 0.1, throttle: 0.05 };
    const section = coupons();
    queues.put('presale', presaleStarted(campaign()));
    let looks = 0;
    let isFunded = false;
    await work(async () => {
      const books = await readBooks(dynoxide.client, 'sale');
      isFunded ||= books.grants.length > 0;
      if (!isFunded) return;
      looks++;
      expect(faultsOf(books, section)).toEqual([]);
    });
    weather.rates = NO_FAULTS;
    const { grants, remainingFen } = await readBooks(dynoxide.client, 'sale');
    const told = new Set(
      queues.of('grants').flatMap(({ body }) => JSON.parse(body).map(({ id }: { id: string }) => id)),
    );
    expect(new Set(grants.map(({ id }) => id))).toEqual(told);
    console.log({
      looks,
      calls: weather.calls,
      struck: weather.struck,
      grants: grants.length,
      remainingFen,
      told: told.size,
    });
  });
});
