import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { campaignSettings, parseEvent } from '#events/contract.ts';
import { type Sqs, startSqs } from '#local/aws/sqs.ts';
import { inputOf } from '#local/aws/sqs-query.ts';
import { cliCommand, type Invited, sdkCommand, trialOrder } from '#local/console/invitation.ts';
import { REPOSITORY } from '../support/run-start.ts';

const run = promisify(execFile);

/** Debian's own AWS CLI, version 2.9 in Debian 12: it speaks the query protocol. */
const DEBIAN_AWS = '/usr/bin/aws';
const QUEUE = 'zhihui-events';
const BODY = '{"name":"<a> & \\"b\\" 双十一"}';
const NOW_MS = Date.parse('2026-11-11T00:00:00.000Z');
const SALE = campaignSettings({
  campaignId: 'sale',
  startsAt: '2026-11-10T16:00:00.000Z',
  endsAt: '2026-11-11T16:00:00.000Z',
});

let sqs: Sqs;
let pipeline: Invited;
let queueUrl: string;

beforeAll(async () => {
  sqs = await startSqs(0);
  queueUrl = `${sqs.endpoint}/000000000000/${QUEUE}`;
  pipeline = { sqsEndpoint: sqs.endpoint, dynamodbEndpoint: '', output: () => queueUrl };
});
beforeEach(async () => {
  await post({ 'x-amz-target': 'AmazonSQS.DeleteQueue' }, JSON.stringify({ QueueUrl: queueUrl }));
  await sqs.createQueues([{ shortName: 'events', name: QUEUE, arn: '', url: queueUrl, attributes: {} }]);
});
afterAll(() => sqs.stop());

const bodies = async (): Promise<string[]> => (await sqs.messages(QUEUE)).map(({ body }) => body);

const post = async (headers: Record<string, string>, body: string): Promise<string> => {
  const response = await fetch(sqs.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20261111/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
      ...headers,
    },
    body,
  });
  return response.text();
};
const query = (parameters: Record<string, string>): Promise<string> =>
  post(
    { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    new URLSearchParams({ Version: '2012-11-05', ...parameters }).toString(),
  );

describe('the SQS on this machine takes', () => {
  it('JSON, as the AWS CLI of today sends it', async () => {
    const answer = await post(
      { 'x-amz-target': 'AmazonSQS.SendMessage' },
      JSON.stringify({ QueueUrl: queueUrl, MessageBody: BODY }),
    );
    expect(JSON.parse(answer)).toHaveProperty('MessageId');
    expect(await bodies()).toEqual([BODY]);
  });

  it('queries, as the AWS CLI 2.9 sends them, and gives the body back to the letter', async () => {
    const sent = await query({ Action: 'SendMessage', QueueUrl: queueUrl, MessageBody: BODY });
    expect(sent).toMatch(
      /<SendMessageResponse .*<SendMessageResult>.*<MessageId>[-0-9a-f]{36}<\/MessageId>/s,
    );
    expect(await bodies()).toEqual([BODY]);
    const received = await query({
      Action: 'ReceiveMessage',
      QueueUrl: queueUrl,
      MaxNumberOfMessages: '10',
      'AttributeName.1': 'All',
    });
    const [, body = ''] = /<Body>(.*?)<\/Body>/s.exec(received) ?? [];
    expect(
      body.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
    ).toBe(BODY);
    expect(received).toContain('<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>');
  });

  it('queries that send a batch', async () => {
    const answer = await query({
      Action: 'SendMessageBatch',
      QueueUrl: queueUrl,
      'SendMessageBatchRequestEntry.1.Id': 'a',
      'SendMessageBatchRequestEntry.1.MessageBody': '1',
      'SendMessageBatchRequestEntry.2.Id': 'b',
      'SendMessageBatchRequestEntry.2.MessageBody': '2',
    });
    expect(answer.match(/<SendMessageBatchResultEntry>/g)).toHaveLength(2);
    expect((await bodies()).sort()).toEqual(['1', '2']);
  });

  it('no query for an unknown queue, and names the error', async () => {
    const url = `${sqs.endpoint}/000000000000/nothing`;
    const answer = await query({ Action: 'SendMessage', QueueUrl: url, MessageBody: BODY });
    expect(answer).toMatch(/<ErrorResponse .*<Type>Sender<\/Type><Code>QueueDoesNotExist<\/Code>/s);
  });

  it('the numbers of a query as numbers in JSON', () => {
    expect(inputOf(new URLSearchParams('Action=X&Version=1&DelaySeconds=5&QueueUrl=u'))).toEqual({
      DelaySeconds: 5,
      QueueUrl: 'u',
    });
  });
});

describe('the commands that a waiting run prints', () => {
  const bare = { PATH: `/usr/bin:${process.env.PATH}`, HOME: '/nonexistent' };
  const order = trialOrder(SALE, NOW_MS);

  it('send an order that the contract takes, at a time of the campaign', () => {
    expect(parseEvent(JSON.parse(order), NOW_MS)).toMatchObject({ ok: true });
    expect(JSON.parse(order).time).toBe('2026-11-11T00:00:00.000Z');
    const over = JSON.parse(trialOrder(SALE, NOW_MS + 86_400_000 * 3));
    expect(over.time).toBe('2026-11-10T16:00:00.000Z');
  });

  it.skipIf(!existsSync(DEBIAN_AWS))(
    `work with Debian's AWS CLI (skipped without ${DEBIAN_AWS})`,
    async () => {
      const { stdout } = await run('/bin/sh', ['-c', cliCommand(pipeline, order)], { env: bare });
      expect(JSON.parse(stdout)).toHaveProperty('MessageId');
      expect(await bodies()).toEqual([order]);
    },
  );

  it('work with the AWS SDK', async () => {
    const env = { ...bare, PATH: `${process.execPath.replace(/\/node$/, '')}:${bare.PATH}` };
    await run('/bin/sh', ['-c', sdkCommand(pipeline, order)], { env, cwd: REPOSITORY });
    expect(await bodies()).toEqual([order]);
  });
});
