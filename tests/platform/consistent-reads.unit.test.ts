import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { batchGet } from '#platform/batch-get.ts';
import { queryAll } from '#platform/query-pages.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';

describe('what was just written', () => {
  const key = { campaign: { S: 'sale' }, item: { S: 'DEFINITION' } };
  const written = async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables({}, 900) } });
    await runtime.dynamodb.send(new PutItemCommand({ TableName: 'Campaigns', Item: key }));
    return runtime;
  };

  it('is found by a query', async () => {
    const query = {
      TableName: 'Campaigns',
      KeyConditionExpression: 'campaign = :campaign',
      ExpressionAttributeValues: { ':campaign': key.campaign },
    };
    expect(await queryAll(await written(), query)).toEqual([key]);
  });

  it('is found by its key in a batch', async () => {
    expect(await batchGet(await written(), 'Campaigns', [key])).toEqual([key]);
  });
});
