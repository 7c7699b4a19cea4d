import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ConsumedCapacity, DynamoDBClient, TransactWriteItemsInput } from '@aws-sdk/client-dynamodb';

const NAMESPACE = 'Zhihui';
const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);

type Consumption = { readUnits: number; writeUnits: number; calls: number };

/** What this invocation consumed so far, by table. */
const consumed = new Map<string, Consumption>();

const consumptionOf = (table: string): Consumption => {
  let entry = consumed.get(table);
  if (entry === undefined) {
    entry = { readUnits: 0, writeUnits: 0, calls: 0 };
    consumed.set(table, entry);
  }
  return entry;
};

const count = (operation: string, capacities: ConsumedCapacity[]): void => {
  for (const { TableName, CapacityUnits } of capacities) {
    if (TableName === undefined) continue;
    const entry = consumptionOf(TableName);
    entry.calls++;
    if (READS.has(operation)) entry.readUnits += CapacityUnits ?? 0;
    else entry.writeUnits += CapacityUnits ?? 0;
  }
};

/**
 * A refused write consumes units too, but its answer does not say how many: at least one an item, and two within a
 * transaction, which are counted.
 */
const REFUSED_WRITE_UNITS = 1;
const REFUSED_TRANSACTION_WRITE_UNITS = 2;

type Input = Partial<TransactWriteItemsInput> & { TableName?: string };

/** The least that a refused write consumed, an entry a table; nothing for any other error. */
const refusedCapacities = (error: unknown, input: Input): ConsumedCapacity[] => {
  if (!(error instanceof Error)) return [];
  switch (error.name) {
    case 'ConditionalCheckFailedException':
      return [{ TableName: input.TableName, CapacityUnits: REFUSED_WRITE_UNITS }];
    case 'TransactionCanceledException': {
      const tables = (input.TransactItems ?? []).map(
        ({ Put: put, Update: update, Delete: del, ConditionCheck: check }) =>
          (put ?? update ?? del ?? check)?.TableName,
      );
      return [...Map.groupBy(tables, (table) => table)].map(([TableName, items]) => ({
        TableName,
        CapacityUnits: items.length * REFUSED_TRANSACTION_WRITE_UNITS,
      }));
    }
    default:
      return [];
  }
};

/** Makes a client ask for the consumed capacity with each call and add it up until {@link publishConsumption}. */
export const meterCapacity = (client: DynamoDBClient): DynamoDBClient => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      const input = args.input as Input;
      input.ReturnConsumedCapacity = 'TOTAL';
      try {
        const result = await next(args);
        const { ConsumedCapacity: capacity } = result.output as {
          ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
        };
        count(operation, capacity === undefined ? [] : Array.isArray(capacity) ? capacity : [capacity]);
        return result;
      } catch (error) {
        count(operation, refusedCapacities(error, input));
        throw error;
      }
    },
    { step: 'initialize', name: 'meterCapacity' },
  );
  return client;
};

/** Prints what was consumed since the last call as one embedded-metric line a table, and starts again from nothing. */
export const publishConsumption = (): void => {
  for (const [table, { readUnits, writeUnits, calls }] of consumed) {
    const metrics = new Metrics({ namespace: NAMESPACE, defaultDimensions: { Table: table } });
    metrics.addMetric('ReadUnits', MetricUnit.Count, readUnits);
    metrics.addMetric('WriteUnits', MetricUnit.Count, writeUnits);
    metrics.addMetric('Calls', MetricUnit.Count, calls);
    metrics.publishStoredMetrics();
  }
  consumed.clear();
};
