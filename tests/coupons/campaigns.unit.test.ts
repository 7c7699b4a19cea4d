import { describe, expect, it } from 'vitest';
import { readStoredDefinition, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { EXTENSION_KNOWN_MS } from '#domain/campaigns/extension.ts';
import { couponCampaign, currentMoney, currentPrices } from '#domain/coupons/campaigns.ts';
import { openCampaign } from '#domain/presale/open-campaign.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testRuntime } from '../support/runtime.ts';
import { definition, START_MS } from './factories.ts';

const MEMBERS = 24;

/** A process that knows nothing yet of an open campaign, and the calls that it makes. */
const world = async () => {
  const calls: string[] = [];
  let isBroken = false;
  const tables = emulatedTables({
    before: async ({ name, input }) => {
      calls.push(`${name} ${JSON.stringify(input)}`);
      if (isBroken) throw new Error('broken');
    },
  });
  const random = seededRandom(1);
  const { sqs } = new Queues(random, new Weather(random));
  const opener = testRuntime({ clients: { dynamodb: tables, sqs } });
  await registerCampaign(opener, definition('sale'));
  await openCampaign(opener, (await readStoredDefinition(opener, 'sale'))!);
  calls.length = 0;
  const runtime = testRuntime({ clients: { dynamodb: tables } });
  const askAtOnce = (nowMs: number) =>
    Promise.all(
      Array.from({ length: MEMBERS }, async () => {
        const campaign = await couponCampaign(runtime, 'sale', nowMs);
        await currentPrices(runtime, 'sale', nowMs);
        await currentMoney(runtime, 'sale', nowMs);
        return campaign?.settings.campaignId;
      }),
    );
  return { calls, askAtOnce, fail: (fails: boolean) => (isBroken = fails) };
};

describe('what a process knows of a campaign', () => {
  it('is read once, however many members ask for it at once', async () => {
    const { calls, askAtOnce } = await world();
    expect(new Set(await askAtOnce(START_MS))).toEqual(new Set(['sale']));
    expect(calls.length).toBe(new Set(calls).size);
    const first = calls.length;
    await askAtOnce(START_MS);
    expect(calls.length).toBe(first);
    await askAtOnce(START_MS + EXTENSION_KNOWN_MS + 1);
    expect(calls.length).toBeLessThan(2 * first);
    expect(calls.filter((call) => call.includes('EXTENDED')).length).toBe(2);
  });

  it('is read again after a read has failed', async () => {
    const { askAtOnce, fail } = await world();
    fail(true);
    await expect(askAtOnce(START_MS)).rejects.toThrow('broken');
    fail(false);
    expect(new Set(await askAtOnce(START_MS))).toEqual(new Set(['sale']));
  });
});
