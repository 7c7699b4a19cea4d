import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeHandler as makeDraw } from '#lambdas/draw/handler.ts';
import { makeHandler as makeFreeOrder } from '#lambdas/free-order/handler.ts';
import { exportDrawOf } from '#local/operate/draws.ts';
import type { Target } from '#local/operate/target.ts';
import { makeRuntime } from '#platform/runtime.ts';
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
import { consumerOf, eventOf, Queues } from '../../support/queues.ts';
import { seededRandom } from '../../support/random.ts';
import { runScript } from '../../support/run-start.ts';
import { testOutside } from '../../support/runtime.ts';
import { temporaryDirectory } from '../replay/files.ts';

const ORDERS = 60;
const directory = temporaryDirectory();
afterAll(() => directory.remove());

const random = seededRandom(3);
const queues = new Queues(random, new Weather(random));
const outside = testOutside({
  clients: { dynamodb: emulatedTables(), sqs: queues.sqs, secrets },
  environment: { BEACON_RELAYS: RELAY },
  fetch: askRelay,
});
const runtime = makeRuntime(outside);
const target = { runtime } as Target;

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
    await consumerOf(makeDraw(outside))(eventOf({ time }));
    const { publishedFile, lines } = await exportDrawOf(target, campaignId, file);
    expect(lines).toBeGreaterThan(ORDERS);
    const args = ['verify', '--draw', file, '--published', publishedFile, '--json'];
    const { status, stdout } = await runScript('bin/zhihui.js', args);
    expect({ status, findings: (JSON.parse(stdout) as { findings: unknown }).findings }).toEqual({
      status: 0,
      findings: [],
    });
  });

  it('is refused for a campaign that does not exist', async () => {
    const file = join(directory.path, 'none.ndjson');
    await expect(exportDrawOf(target, 'none', file)).rejects.toThrow('got "none"');
  });
});
