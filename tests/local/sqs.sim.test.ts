import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueClient } from '#local/aws/queue-client.ts';
import { type Sqs, startSqs } from '#local/aws/sqs.ts';

describe('the queues on this machine', () => {
  let sqs: Sqs;
  beforeAll(async () => {
    sqs = await startSqs(0);
  });
  afterAll(() => sqs.stop());

  const list = async (headers: Record<string, string>): Promise<number> => {
    const response = await fetch(sqs.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.ListQueues',
        ...headers,
      },
      body: '{}',
    });
    return response.status;
  };

  it('answer programs and pages of this machine, and no page of another origin', async () => {
    expect(await list({})).toBe(200);
    expect(await list({ origin: 'http://localhost:8000' })).toBe(200);
    expect(await list({ origin: 'https://elsewhere.example' })).toBe(403);
  });

  it('pass messages on within the run, and refuse what SQS refuses', async () => {
    await sqs.createQueues([{ name: 'letters', shortName: 'letters', url: '', arn: '', attributes: {} }]);
    const url = `${sqs.endpoint}/000000000000/letters`;
    const client = queueClient(sqs.call);
    const body = '[{"to":"智惠"}]';
    const { Failed: failed = [] } = await client.send(url, [
      { Id: 'good', MessageBody: body },
      { Id: 'bad', MessageBody: 'a character that XML does not allow: \u0000' },
    ]);
    expect(failed.map(({ Id }) => Id)).toEqual(['bad']);
    const [message, ...others] = await client.receive(url, 10, 0);
    expect(message).toMatchObject({ Body: body, Attributes: { ApproximateReceiveCount: '1' } });
    expect(others).toEqual([]);
    await client.delete(url, [message!.ReceiptHandle!]);
    expect([...(await sqs.depths()).values()]).toEqual([{ visible: 0, inFlight: 0, delayed: 0 }]);
    await expect(client.receive(`${url}-unknown`, 1, 0)).rejects.toThrow('SQS answered 400');
    client.close();
  });

  it('can be inspected by the run itself', async () => {
    expect([...(await sqs.depths()).keys()]).toEqual(['letters']);
  });
});
