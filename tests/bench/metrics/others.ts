/**
 * Ways of counting orders other than the pipeline's, for comparison. Each way gets the orders of a batch and counts them in the
 * table.
 */
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { eventIdOf } from '#platform/hash.ts';
import { seededRandom } from '../../support/random.ts';
import { amountOf, BATCH_MS, namesOf, START_MS } from './sale.ts';
import { type Cost, costOf, newWorld, perOne, TABLE, type World } from './world.ts';

const WINDOW_MS = 10 * SECOND_MS;
const COLLECTORS = 5;
const ORDERS_MAX = 2_000;

const keyOf = (window: string, item: string) => ({ window: { S: window }, item: { S: item } });

const increment = (window: string, item: string, { orders, fen }: { orders: number; fen: number }) => ({
  TableName: TABLE,
  Key: keyOf(window, item),
  UpdateExpression: 'ADD #orders :orders, #fen :fen',
  ExpressionAttributeNames: { '#orders': 'orders', '#fen': 'fen' },
  ExpressionAttributeValues: { ':orders': { N: String(orders) }, ':fen': { N: String(fen) } },
});

const putOnce = (id: string) => ({
  TableName: TABLE,
  Item: keyOf(`order#${id}`, 'ID'),
  ConditionExpression: 'attribute_not_exists(#window)',
  ExpressionAttributeNames: { '#window': 'window' },
});

type Way = (world: World, orders: readonly MetricEvent[]) => Promise<void>;

/**
 * Powertools Idempotency as it is published, with its records in the same table. An order adds to its brand's
 * counter and to the sale's.
 */
const powertools: Way = async ({ runtime }, orders) => {
  // This part of the package needs AWS's marshaller, which the package does not list as a peer dependency. If the marshaller is
  // not installed, only this way is left out.
  const { DynamoDBPersistenceLayer } = await import('@aws-lambda-powertools/idempotency/dynamodb');
  process.env.AWS_LAMBDA_FUNCTION_NAME = 'bench';
  const { dynamodb } = runtime;
  const client = Object.assign(new DynamoDBClient({ region: 'us-east-1' }), { send: dynamodb.send });
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: TABLE,
    awsSdkV3Client: client,
    keyAttr: 'window',
    sortKeyAttr: 'item',
  });
  const config = new IdempotencyConfig({});
  config.registerLambdaContext({ getRemainingTimeInMillis: () => 60_000 } as Context);
  const countOnce = makeIdempotent(
    async ({ brand, amountFen }: { id: string; brand: string; amountFen: number }) => {
      const one = { orders: 1, fen: amountFen };
      await dynamodb.send(new UpdateItemCommand(increment(`brand#${brand}`, 'TOTAL', one)));
      await dynamodb.send(new UpdateItemCommand(increment('sale', 'TOTAL', one)));
      return true;
    },
    { persistenceStore, config },
  );
  for (const { id, brand, amountFen } of orders) await countOnce({ id, brand, amountFen });
};

const transactions: Way = async ({ runtime: { dynamodb } }, orders) => {
  for (const { id, brand, amountFen, timeMs } of orders) {
    const window = new Date(Math.floor(timeMs / WINDOW_MS) * WINDOW_MS).toISOString();
    const one = { orders: 1, fen: amountFen };
    await dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: putOnce(id) },
          { Update: increment(`brand#${brand}`, 'TOTAL', one) },
          { Update: increment('sale', 'TOTAL', one) },
          { Update: increment('sale', window, one) },
          { Update: increment(`brand#${brand}`, window, one) },
        ],
      }),
    );
  }
};

const summed: Way = async ({ runtime: { dynamodb } }, orders) => {
  const sums = new Map<string, { orders: number; fen: number }>();
  for (const { id, brand, amountFen } of orders) {
    try {
      await dynamodb.send(new PutItemCommand(putOnce(id)));
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) continue;
      throw error;
    }
    for (const counter of [`brand#${brand}`, 'sale']) {
      const sum = sums.get(counter) ?? { orders: 0, fen: 0 };
      sums.set(counter, { orders: sum.orders + 1, fen: sum.fen + amountFen });
    }
  }
  for (const [counter, sum] of sums)
    await dynamodb.send(new UpdateItemCommand(increment(counter, 'TOTAL', sum)));
};

export const WAYS: Readonly<Record<string, Way>> = {
  'Powertools Idempotency and counters': powertools,
  'a transaction an order': transactions,
  'summed counters': summed,
};

/** A batch of the orders that come at a rate in orders a second, at most {@link ORDERS_MAX}, of `brandCount` brands. */
const batchAt = (rate: number, brandCount: number): MetricEvent[] => {
  const random = seededRandom(rate);
  const { draw } = namesOf('brand', brandCount, random);
  const count = Math.max(1, Math.min(ORDERS_MAX, Math.round((rate * BATCH_MS) / SECOND_MS / COLLECTORS)));
  return Array.from({ length: count }, (_, i) => ({
    id: eventIdOf('other', String(i)),
    timeMs: START_MS + Math.floor((i * BATCH_MS) / count),
    label: 'paid/far',
    brand: draw(),
    amountFen: amountOf(random),
    member: `member-${i}`,
  }));
};

/**
 * What one order costs with this way of counting, if it comes in a batch of the size that a rate in orders a second leads to.
 * Another batch is counted first, so that code and memory are warm.
 */
export const measureWay = async (way: Way, rate: number, brands: number): Promise<Cost> => {
  const batch = batchAt(rate, brands);
  await costOf(newWorld(START_MS), () => Promise.resolve());
  const warm = newWorld(START_MS);
  await costOf(warm, () => way(warm, batchAt(100, brands)));
  const world = newWorld(START_MS);
  return perOne(await costOf(world, () => way(world, batch)), batch.length);
};
