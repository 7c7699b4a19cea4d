import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Budget } from '#domain/campaigns/budget.ts';
import type { debitAction } from '#domain/campaigns/budget-items.ts';
import type { Runtime } from '#platform/runtime.ts';
import { emulatedTables } from './emulated-tables.ts';
import { NO_FAULTS, Weather } from './faults.ts';
import { seededRandom } from './random.ts';
import { testRuntime } from './runtime.ts';

/** For each shard of a budget, whether this action succeeds with one fen. */
export const shardsAccept = (
  runtime: Runtime,
  budget: Budget,
  action: typeof debitAction,
): Promise<boolean[]> =>
  Promise.all(
    Array.from({ length: budget.shards }, async (_, shard) => {
      try {
        const { Update } = action(runtime, budget, { shard, amountFen: 1 });
        await runtime.dynamodb.send(new UpdateItemCommand(Update!));
        return true;
      } catch (error) {
        if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
        return false;
      }
    }),
  );

/** A worker on empty tables. While `mortal` runs some work, the worker dies at about every second update of an item. */
export const mortalWorker = () => {
  const weather = new Weather(seededRandom(5));
  const dynamodb = emulatedTables({
    before: async ({ name }) => {
      if (name === 'UpdateItem' && weather.strikes('death')) throw new Error('died');
    },
  });
  const mortal = async (work: () => Promise<unknown>): Promise<void> => {
    weather.rates = { ...NO_FAULTS, death: 0.5 };
    try {
      await work();
    } finally {
      weather.rates = NO_FAULTS;
    }
  };
  return { runtime: testRuntime({ clients: { dynamodb } }), mortal };
};
