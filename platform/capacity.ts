/** Measures the capacity units that the calls of a worker consume. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ConsumedCapacity, DynamoDBClient, TransactWriteItemsInput } from '@aws-sdk/client-dynamodb';

import { NAMESPACE } from './gauges.ts';

type OfTable = { readUnits: number; writeUnits: number; calls: number };

/**
 * A refused write consumes units too, but its answer does not say how many. At least one unit for each item is consumed, and
 * two in a transaction. These least numbers are counted.
 */
const REFUSED_WRITE_UNITS = 1;
const REFUSED_TRANSACTION_WRITE_UNITS = 2;

type Input = Partial<TransactWriteItemsInput> & {
  TableName?: string;
  /** By table: a list of writes in a BatchWriteItem, and an object, not a list, in a BatchGetItem. */
  RequestItems?: Record<string, unknown>;
};

/** Fields that only the input of a write has. Commands cannot be recognised by name, because bundling shortens names. */
const WRITE_FIELDS = ['Item', 'UpdateExpression', 'TransactItems', 'Statements'];

const isWrite = (input: Input): boolean => {
  if (WRITE_FIELDS.some((field) => field in input)) return true;
  for (const table in input.RequestItems) if (Array.isArray(input.RequestItems[table])) return true;
  return false;
};

/** The least that a refused write consumed, by table; nothing for any other error. */
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

/** The capacity that a worker's calls have consumed since the last `publish`, by table. */
export class Consumption {
  readonly #tables = new Map<string, OfTable>();
  /** One printer for each table. It is kept, because making one costs more than everything that it prints. */
  readonly #printers = new Map<string, Metrics>();

  /** Adds the consumption of one call. */
  count(kind: 'read' | 'write', capacities: readonly ConsumedCapacity[]): void {
    for (const { TableName: table, CapacityUnits: units = 0 } of capacities) {
      if (table === undefined) continue;
      const entry = this.#tables.get(table) ?? { readUnits: 0, writeUnits: 0, calls: 0 };
      this.#tables.set(table, entry);
      entry.calls++;
      if (kind === 'read') entry.readUnits += units;
      else entry.writeUnits += units;
    }
  }

  /** Prints the consumption since the last `publish`, with one embedded-metric line for each table, and resets it. */
  publish(): void {
    for (const [table, { readUnits, writeUnits, calls }] of this.#tables) {
      const metrics =
        this.#printers.get(table) ??
        new Metrics({ namespace: NAMESPACE, defaultDimensions: { Table: table } });
      this.#printers.set(table, metrics);
      metrics.addMetric('ReadUnits', MetricUnit.Count, readUnits);
      metrics.addMetric('WriteUnits', MetricUnit.Count, writeUnits);
      metrics.addMetric('Calls', MetricUnit.Count, calls);
      metrics.publishStoredMetrics();
    }
    this.#tables.clear();
  }
}

type Send = (command: { input: Input }) => Promise<{
  ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
}>;

/** A client that asks for the consumed capacity with each call and adds it up. */
export const metered = (
  client: Pick<DynamoDBClient, 'send'>,
  consumption: Consumption,
): Pick<DynamoDBClient, 'send'> => {
  const send: Send = async (command) => {
    const kind = isWrite(command.input) ? 'write' : 'read';
    command.input.ReturnConsumedCapacity = 'TOTAL';
    try {
      const result = await (client.send as unknown as Send).call(client, command);
      const { ConsumedCapacity: consumed } = result;
      if (consumed !== undefined) consumption.count(kind, Array.isArray(consumed) ? consumed : [consumed]);
      return result;
    } catch (error) {
      consumption.count(kind, refusedCapacities(error, command.input));
      throw error;
    }
  };
  return { send: send as unknown as DynamoDBClient['send'] };
};
