import { request } from 'node:http';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Endpoint, serve } from '#local/emulator/http.ts';
import { Queues } from '#local/emulator/queues.ts';
import { Tables } from '#local/emulator/tables.ts';
import { QUERIES, UNITS, WRITES } from './contract-calls.ts';
import { CONDITIONS, failure, KEYS, TABLE, UPDATES } from './contract-cases.ts';

const CASES = [...CONDITIONS, ...UPDATES, ...KEYS, ...UNITS, ...QUERIES, ...WRITES];

describe('the emulator behind HTTP', () => {
  const clock = { nowMs: () => Date.now() };
  const services = {
    tables: new Tables({ clock, random: Math.random }),
    queues: new Queues({ clock, random: Math.random }),
  };
  let endpoint: Endpoint;
  let dynamodb: DynamoDBClient;
  let sqs: SQSClient;
  beforeAll(async () => {
    endpoint = await serve(0, services);
    const options = {
      endpoint: endpoint.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      useQueueUrlAsEndpoint: false,
    };
    dynamodb = new DynamoDBClient(options);
    sqs = new SQSClient(options);
    await dynamodb.send(new CreateTableCommand(TABLE));
  });
  afterAll(async () => {
    dynamodb.destroy();
    sqs.destroy();
    await endpoint.stop();
  });

  for (const [i, { policy, observe, expected }] of CASES.entries())
    it(policy, async () => expect(await observe(dynamodb, `p${i}`)).toEqual(expected));

  it('answers with what the SDK reads: times, binaries and classes of errors', async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: TABLE.TableName }));
    expect(Table?.CreationDateTime).toBeInstanceOf(Date);
    const put = new PutItemCommand({
      TableName: TABLE.TableName,
      Item: { pk: { S: 'bytes' }, sk: { S: 'a' }, b: { B: new Uint8Array([1]) } },
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await dynamodb.send(put);
    const error = await dynamodb.send(put).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item?.b?.B).toEqual(new Uint8Array([1]));
    const ConditionCheck = {
      TableName: TABLE.TableName,
      Key: { pk: { S: 'bytes' }, sk: { S: 'a' } },
      ConditionExpression: 'attribute_not_exists(pk)',
    };
    expect(
      await failure(dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck }] }))),
    ).toMatchObject({
      codes: ['ConditionalCheckFailed'],
    });
  });

  it('sends, waits for, receives and deletes messages', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
    const waiting = sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ['All'] }),
    );
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'order' } };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '你好', MessageAttributes }));
    const [message] = (await waiting).Messages ?? [];
    expect(message).toMatchObject({ Body: '你好', MessageAttributes });
    const { Successful } = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [{ Id: '0', ReceiptHandle: message?.ReceiptHandle }],
      }),
    );
    expect(Successful).toEqual([{ Id: '0' }]);
    expect(services.queues.counts('orders')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    await expect(
      sqs.send(new ReceiveMessageCommand({ QueueUrl: `${QueueUrl}-unknown` })),
    ).rejects.toBeInstanceOf(QueueDoesNotExist);
  });

  const statusOf = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const target = { 'x-amz-target': 'DynamoDB_20120810.ListTables', ...headers };
      request(endpoint.endpoint, { method: 'POST', headers: target }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end('{}');
    });

  it('refuses foreign hosts and origins', async () => {
    expect(await statusOf({})).toBe(200);
    expect(await statusOf({ origin: 'https://example.com' })).toBe(403);
    expect(await statusOf({ host: 'example.com' })).toBe(403);
  });
});
