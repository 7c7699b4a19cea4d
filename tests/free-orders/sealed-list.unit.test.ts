import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { putEntryBlocks, sealEntryShard } from '#domain/free-orders/entries/draws-table.ts';
import { sealList } from '#domain/free-orders/entries/sealed-list.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { openCampaign, secrets } from '../support/free-order-world.ts';
import { testRuntime } from '../support/runtime.ts';
import { instantRules } from './factory.ts';

const KEY = { draw: { S: 'sale#slots' }, item: { S: 'LIST' } };
/** A list to be fixed, with an expiry. */
const listed = (read: () => Promise<readonly string[]>) => ({
  read,
  expiry: async () => ({ expiresAt: { N: '2000000000' } }),
});

/** As many ids as a shard of an instant draw of 400,000 blocks has. */
const idsOf = (name: string): string[] =>
  Array.from({ length: 50_000 }, (_, i) => fingerprintOf(`${name}${i}`));

describe('a list that is fixed once', () => {
  it('may be longer than an item, and is read back whole', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    const ids = idsOf('a');
    expect(
      await sealList(
        runtime,
        KEY,
        listed(async () => ids),
      ),
    ).toEqual(ids);
    const again = await sealList(
      runtime,
      KEY,
      listed(async () => ['another']),
    );
    expect(again).toEqual(ids);
  });

  it('is the list of one worker if several fix lists at once, never a mixture', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    const lists = ['a', 'b', 'c'].map(idsOf);
    const fixed = await Promise.all(
      lists.map((ids) =>
        sealList(
          runtime,
          KEY,
          listed(async () => ids),
        ),
      ),
    );
    expect(lists).toContainEqual(fixed[0]);
    expect(fixed[1]).toEqual(fixed[0]);
    expect(fixed[2]).toEqual(fixed[0]);
  });

  it('stays as the first worker fixed it, even if another one began earlier and read more', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    const slow = sealList(
      runtime,
      KEY,
      listed(async () => {
        await sealList(
          runtime,
          KEY,
          listed(async () => ['first']),
        );
        return idsOf('late');
      }),
    );
    expect(await slow).toEqual(['first']);
  });

  it('of one short page is one item, as it was before lists had pages', async () => {
    const dynamodb = emulatedTables();
    await sealList(
      testRuntime({ clients: { dynamodb } }),
      KEY,
      listed(async () => ['a', 'b']),
    );
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'Draws', Key: KEY }));
    expect(Item).toEqual({ ...KEY, blocks: { S: 'a b' }, expiresAt: { N: '2000000000' } });
  });

  it('holds the blocks that a shard has when it is sealed, and none that come later', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables(), secrets } });
    await openCampaign(runtime, 'sale', instantRules());
    const block = (id: string) => ({ id, body: new Uint8Array([1]), slot: 0 });
    await putEntryBlocks(runtime, 'sale', [block('AAAA'), block('CAAA')]);
    expect(await sealEntryShard(runtime, 'sale', 0, 0)).toEqual(new Set(['AAAA', 'CAAA']));
    await putEntryBlocks(runtime, 'sale', [block('EAAA')]);
    expect(await sealEntryShard(runtime, 'sale', 0, 0)).toEqual(new Set(['AAAA', 'CAAA']));
  });
});
