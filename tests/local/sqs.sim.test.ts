import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  it('can be inspected by the run itself', async () => {
    expect(await sqs.depths()).toEqual(new Map());
  });
});
