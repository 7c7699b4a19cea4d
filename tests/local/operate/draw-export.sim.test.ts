import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHandler as makeDraw } from '#lambdas/draw/handler.ts';
import { makeHandler as makeFreeOrder } from '#lambdas/free-order/handler.ts';
import { makeHandler as makePublisher } from '#lambdas/publisher/handler.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { type Sqs, startSqs } from '#local/aws/sqs.ts';
import { exportDrawOf, openExported, publishDraw } from '#local/operate/draws.ts';
import type { Target } from '#local/operate/target.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { s3Objects } from '#platform/s3-objects.ts';
import { instantRules, slotRules } from '../../free-orders/factory.ts';
import { emulatedTables } from '../../support/emulated-tables.ts';
import { Weather } from '../../support/faults.ts';
import {
  askRelay,
  HOUR_MS,
  messageOf,
  openCampaign,
  orderEvent,
  RELAY,
  START_MS,
  secrets,
} from '../../support/free-order-world.ts';
import { emptyBucket } from '../../support/objects.ts';
import { consumerOf, eventOf, Queues } from '../../support/queues.ts';
import { seededRandom } from '../../support/random.ts';
import { runScript } from '../../support/run-start.ts';
import { testOutside } from '../../support/runtime.ts';
import { temporaryDirectory } from '../replay/files.ts';

const ORDERS = 60;
const directory = temporaryDirectory();
const BUCKET = 'public';
let endpoint: Sqs;
let s3: S3Client;
beforeAll(async () => {
  endpoint = await startSqs(0);
  await endpoint.createBuckets([BUCKET]);
  s3 = new S3Client({
    endpoint: endpoint.endpoint,
    region: LOCAL_REGION,
    credentials: DUMMY_CREDENTIALS,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
});
afterAll(async () => {
  s3.destroy();
  await endpoint.stop();
  directory.remove();
});

const random = seededRandom(3);
const queues = new Queues(random, new Weather(random));
const outside = testOutside({
  clients: { dynamodb: emulatedTables(), sqs: queues.sqs, secrets },
  environment: { BEACON_RELAYS: RELAY },
  fetch: askRelay,
});
const runtime = makeRuntime(outside);
const target = { runtime, s3: async () => s3, output: () => BUCKET } as unknown as Target;

/** Does something while a publisher works. */
const whilePublishing = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  let isOver = false;
  const consume = consumerOf(makePublisher(outside, (bucket) => s3Objects(s3, bucket)));
  const publisher = async (): Promise<void> => {
    while (!isOver) {
      await queues.deliver({ publisher: { consume, batch: 1 } });
      await sleep(20);
    }
  };
  const [result] = await Promise.all([work().finally(() => (isOver = true)), publisher()]);
  return result;
};

describe('the export of a draw by the command', () => {
  it.each([
    ['instant', instantRules({ odds: { win: 1, in: 3 } })],
    ['slots', slotRules()],
  ])('is verified from its two files alone (%s)', async (campaignId, rules) => {
    const file = join(directory.path, `${campaignId}.ndjson`);
    await openCampaign(runtime, campaignId, rules);
    const orders = Array.from({ length: ORDERS }, (_, i) => orderEvent(i));
    await consumerOf(makeFreeOrder(outside))(eventOf(messageOf([campaignId], orders)));
    await expect(exportDrawOf(target, campaignId, file)).rejects.toThrow('whose seed is not revealed yet');
    const time = new Date(START_MS + 100 * HOUR_MS).toISOString();
    await consumerOf(makeDraw(outside, emptyBucket))(eventOf({ time }));
    const { publishedFile, lines } = await whilePublishing(() => exportDrawOf(target, campaignId, file));
    expect(lines).toBeGreaterThan(ORDERS);
    const args = ['verify', '--draw', file, '--published', publishedFile, '--json'];
    const { status, stdout } = await runScript('bin/zhihui.js', args);
    expect({ status, findings: (JSON.parse(stdout) as { findings: unknown }).findings }).toEqual({
      status: 0,
      findings: [],
    });
  });

  it('can be made anew, and the newest export is the one that is opened, with its address as its name', async () => {
    const campaignId = 'instant';
    const first = await whilePublishing(() => publishDraw(target, campaignId, false));
    expect(first).toMatchObject({ bucket: BUCKET, export: 'draws/instant/first/draw.ndjson' });
    const anew = await whilePublishing(() => publishDraw(target, campaignId, true));
    expect(anew.export).toMatch(/^draws\/instant\/\d{8}T\d{9}Z\/draw\.ndjson$/);
    const { name, chunks, published } = await openExported(target, campaignId);
    expect(name).toBe(`s3://${BUCKET}/${anew.export}`);
    expect(published.root).toBe(anew.root);
    const bytes = Buffer.concat(await Array.fromAsync(chunks));
    expect(bytes.subarray(0, 14).toString()).toBe('{"kind":"draw"');
  });

  it('is refused for a campaign that does not exist', async () => {
    const file = join(directory.path, 'none.ndjson');
    await expect(exportDrawOf(target, 'none', file)).rejects.toThrow('got "none"');
  });
});
