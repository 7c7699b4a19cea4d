import { type BatchWriteItemCommandInput, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { LinkedIds } from '#domain/free-orders/draw/ledger.ts';
import { fixSlotLinks, readSlotLinks } from '#domain/free-orders/entries/slot-links.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { RETENTION_DAYS } from '#platform/expiry.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { HOUR_MS, openCampaign, START_MS, secrets } from '../support/free-order-world.ts';
import { testRuntime } from '../support/runtime.ts';
import { slotRules } from './factory.ts';

/** More links (pairs of ids of one member) than one item of 400 KB holds, which is about 20,000. */
const MANY = 25_000;

const linksFrom = (first: number): LinkedIds[] =>
  Array.from({ length: MANY }, (_, i): LinkedIds => {
    const hex = (first + i).toString(16).padStart(19, '0');
    return [`a${hex}`, `b${hex}`];
  });
const LINKS = linksFrom(0);
const OTHERS = linksFrom(MANY);

const world = async (hooks: Hooks = {}) => {
  const dynamodb = emulatedTables(hooks);
  const runtime = testRuntime({ clients: { dynamodb, secrets } });
  await openCampaign(runtime, 'sale', slotRules({ perMember: 1 }));
  return { dynamodb, runtime };
};

/** A hook that acts at the first operation with this name on links, and at no other. */
const once = (name: string, act: (input: object) => void): NonNullable<Hooks['before']> => {
  let calls = 0;
  return async (operation) => {
    if (operation.name === name && JSON.stringify(operation.input).includes('#LINKS') && calls++ === 0)
      act(operation.input);
  };
};

const die = (): never => {
  throw new Error('the worker died');
};

describe('the links of a slot', () => {
  it('may be more than an item holds, are read back in their order, and are kept as long as the draw', async () => {
    const { dynamodb, runtime } = await world();
    expect(await fixSlotLinks(runtime, 'sale', 3, LINKS)).toEqual(LINKS);
    expect(await readSlotLinks(runtime, 'sale', 3)).toEqual(LINKS);
    const { Items: items = [] } = await dynamodb.send(
      new ScanCommand({ TableName: 'Draws', ProjectionExpression: 'expiresAt' }),
    );
    const expiresAt = { N: String(START_MS / 1_000 + HOUR_MS / 1_000 + RETENTION_DAYS * 86_400) };
    expect(items).toEqual(Array.from({ length: 3 }, () => ({ expiresAt })));
  });

  it('may be an empty list, which is not the same as links that are not fixed yet', async () => {
    const { runtime } = await world();
    expect(await readSlotLinks(runtime, 'sale', 3)).toBeUndefined();
    await fixSlotLinks(runtime, 'sale', 3, []);
    expect(await readSlotLinks(runtime, 'sale', 3)).toEqual([]);
    expect(await fixSlotLinks(runtime, 'sale', 3, LINKS)).toEqual([]);
  });

  it('are those of one worker, if two workers fix different links at the same time', async () => {
    const { runtime } = await world();
    const [one, other] = await Promise.all([
      fixSlotLinks(runtime, 'sale', 3, LINKS),
      fixSlotLinks(runtime, 'sale', 3, OTHERS),
    ]);
    expect([LINKS, OTHERS]).toContainEqual(one);
    expect(other).toEqual(one);
    expect(await readSlotLinks(runtime, 'sale', 3)).toEqual(one);
  });

  it.each([
    ['the same', LINKS],
    ['other', OTHERS],
    ['fewer', LINKS.slice(0, 1)],
  ])(
    'are not fixed by a worker that dies between two pages; the next worker fixes %s links',
    async (_, next) => {
      const { runtime } = await world({
        // The service may carry out a part of a batch: here only its second page.
        before: once('BatchWriteItem', (input) => {
          const { RequestItems: requests } = input as BatchWriteItemCommandInput;
          requests!.Draws = requests!.Draws!.slice(1, 2);
        }),
        after: once('BatchWriteItem', die),
      });
      await expect(fixSlotLinks(runtime, 'sale', 3, LINKS)).rejects.toThrow('the worker died');
      expect(await readSlotLinks(runtime, 'sale', 3)).toBeUndefined();
      expect(await fixSlotLinks(runtime, 'sale', 3, next)).toEqual(next);
      expect(await readSlotLinks(runtime, 'sale', 3)).toEqual(next);
    },
  );

  it('are fixed, even if the answer was lost', async () => {
    const { runtime } = await world({ after: once('PutItem', die) });
    await expect(fixSlotLinks(runtime, 'sale', 3, LINKS)).rejects.toThrow('the worker died');
    expect(await fixSlotLinks(runtime, 'sale', 3, OTHERS)).toEqual(LINKS);
    expect(await readSlotLinks(runtime, 'sale', 3)).toEqual(LINKS);
  });
});
