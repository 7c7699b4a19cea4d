import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { escapeAboveBmp, escapeBodies } from '#platform/ascii-bodies.ts';

describe('characters above U+FFFF', () => {
  it.each([
    ['"🧧"', '"\\ud83e\\udde7"'],
    ['"店 é"', '"店 é"'],
    ['{"𠮷":1}', '{"\\ud842\\udfb7":1}'],
  ])('in %s become escapes that mean the same in JSON, and no other characters do', (json, escaped) => {
    expect(escapeAboveBmp(json)).toBe(escaped);
    expect(JSON.parse(escapeAboveBmp(json))).toEqual(JSON.parse(json));
  });

  it('leave a client as escapes, and the content length counts the escapes', async () => {
    const client = escapeBodies(
      new DynamoDBClient({ region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } }),
    );
    let sent: { body?: unknown; headers?: Record<string, string> } = {};
    client.middlewareStack.add(
      () => async (args) => {
        sent = args.request as typeof sent;
        throw new Error('not sent');
      },
      { step: 'finalizeRequest', name: 'catchRequest' },
    );
    const put = new PutItemCommand({ TableName: 't', Item: { id: { S: '🧧' } } });
    await expect(client.send(put)).rejects.toThrow('not sent');
    const body = Buffer.from(sent.body as Uint8Array).toString('utf8');
    expect(body).toContain('\\ud83e\\udde7');
    expect(JSON.parse(body)).toMatchObject({ Item: { id: { S: '🧧' } } });
    expect(Number(sent.headers?.['content-length'])).toBe(Buffer.byteLength(body));
  });
});
