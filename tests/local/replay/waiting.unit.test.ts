import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { queueClient } from '#local/aws/queue-client.ts';
import { startSqs } from '#local/aws/sqs.ts';
import { countLeft, keptIn, leftIn, saveQueues } from '#local/replay/data-directory.ts';
import { watchDatabase } from '#local/replay/database-watch.ts';
import { replayOpening } from '#local/replay/openings.ts';
import type { Survey } from '#local/replay/survey.ts';
import { drain, receivedText } from '#local/replay/waiting.ts';

const directory = mkdtempSync(join(tmpdir(), 'zhihui-data-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a watch on a database', () => {
  it('names a database that refuses twice in a row, and reports nothing while it answers', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const endpoint = `http://127.0.0.1:${port}`;
    const watch = watchDatabase(endpoint, 20);
    const early = await Promise.race([
      watch.lost.catch(() => 'lost'),
      new Promise((resolve) => setTimeout(resolve, 200, 'there')),
    ]);
    expect(early).toBe('there');
    await new Promise((resolve) => server.close(resolve));
    await expect(watch.lost).rejects.toThrow(
      `database: expected it to answer at ${endpoint}, got no connection`,
    );
  });
});

describe('the end of a run that waits', () => {
  it('waits until nothing is on its way, and no longer than allowed', async () => {
    let left = 3;
    expect(await drain({ idle: async () => --left <= 0 })).toBe(true);
    expect(await drain({ idle: async () => false }, 60)).toBe(false);
  });

  it('says how many events came, and how many were accepted', () => {
    expect(receivedText(1, 0, true)).toBe('received 1 event: 1 accepted, 0 refused; everything is counted');
    expect(receivedText(1_200, 34, false)).toBe(
      'received 1,234 events: 1,200 accepted, 34 refused; not everything is counted yet',
    );
  });
});

describe('a data directory', () => {
  it('keeps what is in the queues, and when each message was sent', async () => {
    const sqs = await startSqs(0);
    const queue = (name: string) => ({
      shortName: name,
      name,
      arn: '',
      url: `${sqs.endpoint}/000000000000/${name}`,
      attributes: {},
    });
    try {
      await sqs.createQueues([queue('rejects'), queue('grants')]);
      const pipeline = {
        queueUrls: { rejects: queue('rejects').url, grants: queue('grants').url },
        queued: sqs.messages,
      };
      const rejects = [
        { body: '{"a":1}', sentMs: 1_780_000_000_123 },
        { body: '双十一', sentMs: 1_780_000_000_456 },
      ];
      await sqs.putBack('rejects', rejects);
      // A message in flight is kept too, and it is received with its own time.
      const client = queueClient(sqs.call);
      const [received] = await client.receive(queue('rejects').url, 1, 0);
      expect(received).toMatchObject({ Body: '{"a":1}', Attributes: { SentTimestamp: '1780000000123' } });
      expect(await saveQueues(pipeline, directory)).toBe(2);
      const left = leftIn(directory);
      expect(Object.keys(left)).toEqual(['rejects']);
      expect([...left.rejects!].sort((a, b) => a.sentMs! - b.sentMs!)).toEqual(rejects);
    } finally {
      await sqs.stop();
    }
  });

  it('of the previous version is read, although its messages have no times', () => {
    const bodies = { rejects: ['{"a":1}', '双十一'], gone: ['of a queue that the stack has no more'] };
    writeFileSync(join(directory, 'queues.json'), JSON.stringify(bodies));
    const left = leftIn(directory);
    expect(left.rejects).toEqual([{ body: '{"a":1}' }, { body: '双十一' }]);
    expect(countLeft(left, ['rejects', 'grants'])).toBe(2);
  });

  it('that cannot be made is named', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(() => keptIn(join(file, 'data'))).toThrow(
      `--data: expected a directory that can be made, got ${file}`,
    );
  });
});

describe('the campaign that spans an input', () => {
  const survey = { firstMs: 0, lastMs: 86_400_000, orders: 10 } as Survey;

  it('is shown in the currency of the input', () => {
    expect(JSON.parse(replayOpening(survey, 1e12, 'JPY').text).data.display).toEqual({ currency: 'JPY' });
    expect(JSON.parse(replayOpening(survey, 1e12).text).data).not.toHaveProperty('display');
  });
});
