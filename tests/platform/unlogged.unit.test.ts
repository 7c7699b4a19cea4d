import { DynamoDBClient, type DynamoDBClientConfig, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { unlogged } from '#platform/unlogged.ts';

/** What a client writes to its log when a call fails. */
const logged = async (made: (config: DynamoDBClientConfig) => DynamoDBClient): Promise<unknown[]> => {
  const lines: unknown[] = [];
  const note = (line: unknown): void => void lines.push(line);
  const client = made({
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    logger: { debug: () => {}, info: note, warn: note, error: note },
    maxAttempts: 1,
    requestHandler: { handle: async () => Promise.reject(new Error('no network')) },
  });
  const get = new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } } });
  await expect(client.send(get)).rejects.toThrow('no network');
  return lines;
};

it('the SDK logs each call, unless its logging step is removed', async () => {
  expect(await logged((config) => new DynamoDBClient(config))).toHaveLength(1);
  expect(await logged((config) => unlogged(new DynamoDBClient(config)))).toEqual([]);
});
