import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readQuiet } from '#domain/campaigns/quiet.ts';
import { makeHandler } from '#lambdas/health/handler.ts';
import { DUMMY_CREDENTIALS, LOCAL_ACCOUNT, LOCAL_REGION, localArn } from '#local/aws/addresses.ts';
import { type Sqs, startSqs } from '#local/aws/sqs.ts';
import { HEALTH_KEY, healthOfItem, writeHealth } from '#platform/health-item.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { type Dynoxide, startDynoxide } from '../support/dynoxide.ts';
import { testOutside } from '../support/runtime.ts';

const QUEUES = ['rejects', 'coupon', 'coupon-dead-letters', 'metrics-dead-letters'];

describe('the look at the queues', () => {
  let dynoxide: Dynoxide;
  let sqs: Sqs;
  let client: SQSClient;
  const urlOf = (queue: string): string => `${sqs.endpoint}/${LOCAL_ACCOUNT}/${queue}`;

  /** The surroundings of a health function that looks at the rejects queue and at these dead-letter queues. */
  const lookAfter = (...deadLetters: string[]): Outside =>
    testOutside({
      clients: { dynamodb: dynoxide.client, sqs: client },
      environment: {
        REJECTS_QUEUE_URL: urlOf('rejects'),
        DEAD_LETTER_QUEUE_URLS: deadLetters.map(urlOf).join(),
        ORDER_QUEUE_URLS: urlOf('coupon'),
        ORDER_DEAD_LETTER_QUEUE_URLS: urlOf('coupon-dead-letters'),
      },
    });

  const noted = async () => {
    const { Item } = await dynoxide.client.send(
      new GetItemCommand({ TableName: 'Campaigns', Key: HEALTH_KEY }),
    );
    return Item && healthOfItem(Item);
  };
  const send = (queue: string, DelaySeconds = 0) =>
    client.send(new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: '{}', DelaySeconds }));

  beforeAll(async () => {
    dynoxide = await startDynoxide();
    sqs = await startSqs(0);
    await sqs.createQueues(
      QUEUES.map((name) => ({
        shortName: name,
        name,
        url: urlOf(name),
        arn: localArn('sqs', name),
        attributes: {},
      })),
    );
    client = new SQSClient({
      endpoint: sqs.endpoint,
      region: LOCAL_REGION,
      credentials: DUMMY_CREDENTIALS,
    });
  });
  afterAll(async () => {
    client?.destroy();
    await sqs?.stop();
    await dynoxide?.stop();
  });

  it('notes how many rejected messages there are, and how many dead letters in all queues together', async () => {
    const handler = makeHandler(lookAfter('coupon-dead-letters', 'metrics-dead-letters'));
    const beforeMs = Date.now();
    await handler();
    expect(await noted()).toMatchObject({ rejects: 0, deadLetters: 0 });
    const quietMs = await readQuiet(makeRuntime(lookAfter()));
    expect(beforeMs - quietMs).toBeLessThanOrEqual(120_000);
    await send('rejects');
    await send('rejects', 600);
    await send('coupon-dead-letters');
    await send('metrics-dead-letters');
    await send('metrics-dead-letters');
    await handler();
    const health = (await noted())!;
    expect(health).toMatchObject({ rejects: 2, deadLetters: 3 });
    expect(health.atMs).toBeGreaterThanOrEqual(beforeMs);
  });

  it('is not undone by an older look that comes late', async () => {
    const runtime = makeRuntime(lookAfter());
    const now = (await noted())!;
    await writeHealth(runtime, { atMs: now.atMs - 1, rejects: 0, deadLetters: 0 });
    expect(await noted()).toEqual(now);
    await writeHealth(runtime, { atMs: now.atMs + 1, rejects: 5, deadLetters: 0 });
    expect(await noted()).toMatchObject({ rejects: 5 });
  });

  it('stores nothing if a queue does not answer, and keeps what the last look found', async () => {
    const before = await noted();
    await expect(makeHandler(lookAfter('nothing'))()).rejects.toThrow();
    expect(await noted()).toEqual(before);
  });
});
