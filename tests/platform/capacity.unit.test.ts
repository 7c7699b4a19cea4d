import {
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { Consumption, metered } from '#platform/capacity.ts';
import { metricsPrintedBy } from '../support/printed-metrics.ts';

/** A metered client whose calls have the given results. */
const clientThat = (answers: () => unknown, consumption: Consumption) => {
  const send = async () => answers();
  return metered({ send: send as DynamoDBClient['send'] }, consumption);
};

const refusal = (name: string) => (): never => {
  throw Object.assign(new Error('refused'), { name });
};

const put = (table: string) => ({ Put: { TableName: table, Item: { id: { S: 'a' } } } });

const published = async (consumption: Consumption): Promise<unknown[]> => {
  const lines = await metricsPrintedBy(() => consumption.publish());
  return lines.map(({ Table, ReadUnits, WriteUnits, Calls }) => ({ Table, ReadUnits, WriteUnits, Calls }));
};

describe('consumed capacity', () => {
  let consumption: Consumption;
  beforeEach(() => {
    consumption = new Consumption();
  });

  it('is what the service reports, with reads and writes counted apart', async () => {
    const answer = { ConsumedCapacity: { TableName: 'rows', CapacityUnits: 2.5 } };
    const client = clientThat(() => answer, consumption);
    await client.send(new PutItemCommand({ TableName: 'rows', Item: {} }));
    await client.send(new QueryCommand({ TableName: 'rows' }));
    await client.send(new QueryCommand({ TableName: 'rows' }));
    expect(await published(consumption)).toEqual([
      { Table: 'rows', ReadUnits: 5, WriteUnits: 2.5, Calls: 3 },
    ]);
  });

  it('of a refused write counts as one unit, and in a transaction as two for each item', async () => {
    const single = clientThat(refusal('ConditionalCheckFailedException'), consumption);
    await expect(single.send(new PutItemCommand({ TableName: 'rows', Item: {} }))).rejects.toThrow('refused');
    const several = clientThat(refusal('TransactionCanceledException'), consumption);
    const items = [put('rows'), put('rows'), put('budgets')];
    await expect(several.send(new TransactWriteItemsCommand({ TransactItems: items }))).rejects.toThrow(
      'refused',
    );
    expect(await published(consumption)).toEqual([
      { Table: 'rows', ReadUnits: 0, WriteUnits: 5, Calls: 2 },
      { Table: 'budgets', ReadUnits: 0, WriteUnits: 2, Calls: 1 },
    ]);
  });

  it('is published once, and after that only what was consumed since', async () => {
    const answer = { ConsumedCapacity: { TableName: 'rows', CapacityUnits: 1 } };
    const client = clientThat(() => answer, consumption);
    const once = [{ Table: 'rows', ReadUnits: 1, WriteUnits: 0, Calls: 1 }];
    await client.send(new QueryCommand({ TableName: 'rows' }));
    expect(await published(consumption)).toEqual(once);
    expect(await published(consumption)).toEqual([]);
    await client.send(new QueryCommand({ TableName: 'rows' }));
    expect(await published(consumption)).toEqual(once);
  });

  it('of a throttled call counts as nothing', async () => {
    const client = clientThat(refusal('ThrottlingException'), consumption);
    await expect(client.send(new PutItemCommand({ TableName: 'rows', Item: {} }))).rejects.toThrow('refused');
    expect(await published(consumption)).toEqual([]);
  });
});
